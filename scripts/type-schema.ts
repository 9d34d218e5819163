import {
  type Checker,
  type Symbol as CheckerSymbol,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync';
import { docOf } from './result-types.ts';

export type Schema = { readonly [keyword: string]: unknown };

/** The types that are made into `$defs`, by the name that refers to them. */
export type Definitions = Record<string, Schema>;

type Around = {
  /** For messages: `load-macs: rows[]`. */
  readonly place: string;
  /** Below a list only what JSON.stringify can print is printed: see `jsonPieces` in src/cli/print.ts. */
  readonly inList: boolean;
};

/**
 * The JSON Schema of what is printed of a value of a type, with the JSDoc of types and properties as descriptions. Throws for what JSON.stringify would
 * drop or print as `{}`: a command must hand out something better.
 */
export function openTypeSchemas(checker: Checker) {
  const names = new Map<number, string>();
  const definitions: Definitions = {};

  function schemaOf(type: Type, around: Around): Schema {
    const named = nameOf(type);
    if (named === undefined) return build(type, around);
    const known = names.get(type.id);
    if (known !== undefined) return refTo(known);
    const name = freeName(named.name, definitions);
    names.set(type.id, name);
    definitions[name] = {};
    const doc = docOf(checker, named);
    definitions[name] = { ...(doc && { description: doc }), ...build(type, around), ...tagged(named) };
    return refTo(name);
  }

  function build(type: Type, around: Around): Schema {
    const { flags } = type;
    if (flags & TypeFlags.Unknown) return {};
    if (flags & TypeFlags.Null) return { type: 'null' };
    if (flags & TypeFlags.Boolean) return { type: 'boolean' };
    if (type.isUnionType()) return unionOf(type.getTypes(), around);
    if (type.isLiteralType()) return { const: type.value };
    if (flags & TypeFlags.StringLike) return { type: 'string' };
    if (flags & TypeFlags.Number) return { type: 'number' };
    if (type.isIntersectionType()) {
      // A branded text: `string & { brand }`.
      const text = type.getTypes().find(part => part.flags & TypeFlags.StringLike);
      if (text !== undefined) return { type: 'string' };
      return objectOf(type, around);
    }
    return type.isObjectType() ? structureOf(type, around) : refuse(type, around);
  }

  function structureOf(type: Type, around: Around): Schema {
    const item = () => checker.getTypeArguments(type as never);
    if (checker.isTupleType(type)) {
      const prefixItems = item().map((part, i) => schemaOf(part, { place: `${around.place}[${i}]`, inList: true }));
      return { type: 'array', prefixItems, items: false, minItems: prefixItems.length };
    }
    const symbol = type.getSymbol();
    const isStream = ['AsyncIterable', 'AsyncGenerator'].includes(symbol?.name ?? '');
    if (checker.isArrayType(type) || (isStream && !around.inList)) {
      const [of] = item();
      if (of === undefined) return refuse(type, around);
      return { type: 'array', items: schemaOf(of, { place: `${around.place}[]`, inList: true }) };
    }
    if (checker.getSignaturesOfType(type, 0).length > 0) return refuse(type, around);
    // What has a name in the language's own library, a Map or a Date say, is no plain object.
    const isLibrarys = /\/lib\.[\w.]+\.d\.ts$/.test(symbol?.declarations[0]?.path ?? '');
    return isLibrarys && symbol?.name !== '__type' ? refuse(type, around) : objectOf(type, around);
  }

  function objectOf(type: Type, around: Around): Schema {
    const own = checker.getPropertiesOfType(type);
    const rest = checker.getIndexInfosOfType(type)[0]?.valueType;
    const open = rest && { additionalProperties: schemaOf(rest, below(around, '*')) };
    const properties = own.map(one => ({ name: one.name, ...propertyOf(one, around) })).filter(({ schema }) => schema);
    const required = properties.filter(one => one.required).map(({ name }) => name);
    return {
      type: 'object',
      ...(required.length > 0 && { required }),
      ...(properties.length > 0 && {
        properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
      }),
      ...open,
    };
  }

  /** Without a schema where there is never a value. */
  function propertyOf(symbol: CheckerSymbol, around: Around): { schema: Schema | undefined; required: boolean } {
    const type = checker.getTypeOfSymbol(symbol);
    if (type === undefined) throw new Error(`${around.place}.${symbol.name} has no type`);
    const parts = partsOf(type);
    const there = parts.filter(part => !(part.flags & TypeFlags.VoidLike));
    const required = there.length === parts.length && !(symbol.flags & SymbolFlags.Optional);
    if (there.length === 0) return { schema: undefined, required: false };
    const at = below(around, symbol.name);
    const schema = there.length === parts.length ? schemaOf(type, at) : unionOf(there, at);
    const doc = docOf(checker, symbol);
    return { schema: doc === '' ? schema : { description: doc, ...schema }, required };
  }

  function unionOf(types: readonly Type[], around: Around): Schema {
    const there = types.filter(part => !(part.flags & TypeFlags.VoidLike));
    if (there.length < types.length && around.place !== '') return refuse(types[0], around, 'it may be undefined');
    const literals = there.filter(part => part.isLiteralType() && !(part.flags & TypeFlags.BooleanLiteral));
    const booleans = there.filter(part => part.flags & TypeFlags.BooleanLiteral);
    const others = there.filter(part => !part.isLiteralType());
    const alternatives: Schema[] = [
      ...(literals.length === 1 ? literals.map(part => build(part, around)) : []),
      ...(literals.length > 1 ? [{ enum: literals.map(part => (part as { value?: unknown }).value) }] : []),
      ...(booleans.length === 1 ? booleans.map(part => build(part, around)) : []),
      ...(booleans.length > 1 ? [{ type: 'boolean' }] : []),
      ...others.map(part => schemaOf(part, around)),
    ];
    const [only] = alternatives;
    if (only !== undefined && alternatives.length === 1) return only;
    const isPlain = alternatives.every(one => Object.keys(one).join() === 'type');
    return isPlain ? { type: alternatives.map(one => one.type) } : { anyOf: alternatives };
  }

  function partsOf(type: Type): readonly Type[] {
    return type.isUnionType() ? type.getTypes() : [type];
  }

  /** A type that somebody named, and that is no plain text or number. */
  function nameOf(type: Type): CheckerSymbol | undefined {
    const alias = type.getAliasSymbol();
    return alias === undefined || type.getAliasTypeArguments().length > 0 ? undefined : alias;
  }

  /** `@pattern`, in the JSDoc of a type of text. */
  function tagged(symbol: CheckerSymbol): Schema {
    const pattern = symbol.getJsDocTags(checker).find(({ name }) => name === 'pattern')?.text;
    return pattern === undefined ? {} : { pattern: textOf(pattern) };
  }

  function refuse(type: Type | undefined, { place }: Around, why?: string): never {
    const reason = why ?? `"${type && checker.typeToString(type)}" is nothing that JSON can print`;
    throw new Error(`${place}: ${reason}. Give the command a json projection.`);
  }

  return {
    /** The schema of a command's result, with the definitions that it refers to. */
    resultOf(type: Type, place: string): { schema: Schema; definitions: Definitions } {
      names.clear();
      for (const name of Object.keys(definitions)) delete definitions[name];
      const schema = schemaOf(type, { place, inList: false });
      return inlined(schema, definitions);
    },
  };
}

function below({ place, inList }: Around, name: string): Around {
  return { place: `${place}.${name}`, inList };
}

function refTo(name: string): Schema {
  return { $ref: `#/$defs/${name}` };
}

function freeName(wanted: string, taken: Definitions): string {
  let name = wanted;
  for (let number = 2; name in taken; number += 1) name = `${wanted}${number}`;
  return name;
}

function textOf(tag: unknown): string {
  return typeof tag === 'string' ? tag : JSON.stringify(tag);
}

/** Definitions that are used once, and not by themselves, stand where they are used: that is easier to read. */
function inlined(schema: Schema, definitions: Definitions): { schema: Schema; definitions: Definitions } {
  const uses = new Map<string, number>();
  const count = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const name = refIn(value);
    if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1);
    Object.values(value).forEach(count);
  };
  count([schema, definitions]);
  const isOnce = (name: string) => uses.get(name) === 1 && !JSON.stringify(definitions[name]).includes(`/${name}"`);
  const replace = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(replace);
    const name = refIn(value);
    const rest = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]));
    if (name === undefined || !isOnce(name)) return rest;
    const { $ref: _, ...own } = rest;
    return { ...(replace(definitions[name]) as Schema), ...own };
  };
  const kept = Object.entries(definitions).filter(([name]) => !isOnce(name));
  return {
    schema: replace(schema) as Schema,
    definitions: Object.fromEntries(kept.map(([name, one]) => [name, replace(one) as Schema])),
  };
}

function refIn(value: object): string | undefined {
  const ref = (value as { $ref?: unknown }).$ref;
  return typeof ref === 'string' ? ref.replace('#/$defs/', '') : undefined;
}
