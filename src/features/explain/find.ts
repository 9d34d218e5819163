import { type ErrorKind, errorKinds, errors } from '../../core/errors/errors.ts';

/** What a person means by `BM-201`, `bm201`, `201` or `netbox-unreachable`, in any case; nothing where that is no code. */
export function findError(typed: string): ErrorKind | undefined {
  const text = typed.trim().toLowerCase();
  const digits = digitsOf(text);
  return errorKinds.find(kind => kind === text || (digits !== undefined && errors[kind].code === `BM-${digits}`));
}

/** What may be meant by something that is no code: the nearest number, or kinds that share a word. At most five, the likeliest first. */
export function likeError(typed: string): ErrorKind[] {
  const text = typed.trim().toLowerCase();
  const digits = digitsOf(text);
  if (digits !== undefined) {
    const distance = (kind: ErrorKind) => Math.abs(Number(errors[kind].code.slice(3)) - Number(digits));
    return errorKinds.toSorted((a, b) => distance(a) - distance(b)).slice(0, 1);
  }
  const words = text.split(/[^a-z]+/).filter(word => word.length > 2);
  const shared = (kind: ErrorKind) => words.filter(word => kind.split('-').some(part => part.startsWith(word))).length;
  return errorKinds
    .filter(kind => shared(kind) > 0)
    .toSorted((a, b) => shared(b) - shared(a))
    .slice(0, 5);
}

function digitsOf(text: string): string | undefined {
  return /^(?:error)?\[?(?:bm)?[-_ ]?(\d{3})\]?:?$/.exec(text)?.[1];
}
