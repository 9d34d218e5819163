const interfaceName =
  /^(?<type>[^\d.:]+)?(?:(?<slot>\d+)\/)?(?:(?<subslot>\d+)\/)?(?:(?<position>\d+)\/)?(?:(?<subposition>\d+)\/)?(?<id>\d+)?(?::(?<channel>\d+))?(?:\.(?<vc>\d+))?(?<remainder>.*)$/;

/**
 * The text NetBox sorts an interface by, which it keeps beside the name (`_name`, at most 100 characters):
 * slot numbers first, then the kind, then the port number, all padded. NetBox 4.7, utilities/ordering.py.
 */
export function interfaceSortName(name: string): string {
  const part = interfaceName.exec(name)?.groups ?? {};
  const slots = [part.slot, part.subslot, part.position, part.subposition].map(
    slot => slot?.padStart(4, '0') ?? '9999',
  );
  const numbers = [part.id, part.channel, part.vc].map(number => number?.padStart(6, '0') ?? '......');
  const rest = (part.remainder ?? '').replace(/\d+/g, number => number.padStart(8, '0'));
  return [...slots, part.type ?? '', ...numbers, rest].join('').slice(0, 100);
}
