import {
  type Checker,
  type Symbol as CheckerSymbol,
  SignatureKind,
  SymbolFlags,
  type Type,
  TypeFlags,
  type TypeReference,
} from 'typescript/unstable/sync';
import { docOf } from './result-types.ts';

export type Schema = { readonly [keyword: string]: unknown };

/** The types that are made into `$defs`, by the name that refers to them. */
export type Definitions = Record<string, Schema>;

export type Described = { readonly schema: Schema; readonly definitions: Definitions };

type Around = {
  readonly checker: Checker;
  /** The names of types that have, or are about to have, a definition; by the type's id. */
  readonly names: Map<number, string>;
  readonly definitions: Definitions;
  /** For messages: `load-macs.rows[]`. */
  readonly place: string;
  /** Below a list only what JSON.stringify can print is printed: see `jsonPieces` in src/cli/print.ts. */
  readonly inList: boolean;
};

/**
 * The JSON Schema of what is printed of a value of a type, with the JSDoc of types and properties as descriptions. Throws for what JSON.stringify would
 * drop or print as `{}`: a command must hand out something better.
 *
 * @param place what the type is of, for the message
 */
export function schemaOfType(checker: Checker, type: Type, place: string): Described {
  const definitions: Definitions = {};
  const schema = schemaOf(type, { checker, names: new Map(), definitions, place, inList: false });
  return withoutOnces({ schema, definitions });
}

/** A type that somebody named becomes a definition; all others stand where they are used. */
function schemaOf(type: Type, around: Around): Schema {
  const { checker, names, definitions } = around;
  const alias = type.getAliasSymbol();
  if (alias === undefined || type.getAliasTypeArguments().length > 0) return shapeOf(type, around);
  const known = names.get(type.id);
  if (known !== undefined) return { $ref: `${definitionsAt}${known}` };
  const name = freeName(alias.name, definitions);
  names.set(type.id, name);
  // Holds the name, and its place in the order.
  definitions[name] = {};
  const doc = docOf(checker, alias);
  const pattern = alias.getJsDocTags(checker).find(tag => tag.name === 'pattern')?.text;
  definitions[name] = {
    ...(doc && { description: doc }),
    ...shapeOf(type, around),
    ...(pattern !== undefined && { pattern }),
  };
  return { $ref: `${definitionsAt}${name}` };
}

function shapeOf(type: Type, around: Around): Schema {
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
    const isText = type.getTypes().some(part => part.flags & TypeFlags.StringLike);
    return isText ? { type: 'string' } : objectOf(type, around);
  }
  return type.isObjectType() ? listOrObject(type as TypeReference, around) : refuse(type, around);
}

function listOrObject(type: TypeReference, around: Around): Schema {
  const { checker, place } = around;
  if (checker.isTupleType(type)) {
    const items = checker.getTypeArguments(type);
    const prefixItems = items.map((item, i) => schemaOf(item, { ...around, place: `${place}[${i}]`, inList: true }));
    return { type: 'array', prefixItems, items: false, minItems: prefixItems.length };
  }
  const symbol = type.getSymbol();
  const isStream = ['AsyncIterable', 'AsyncGenerator'].includes(symbol?.name ?? '');
  if (checker.isArrayType(type) || (isStream && !around.inList)) {
    const [item] = checker.getTypeArguments(type);
    if (item === undefined) return refuse(type, around);
    return { type: 'array', items: schemaOf(item, { ...around, place: `${place}[]`, inList: true }) };
  }
  const isFunction = checker.getSignaturesOfType(type, SignatureKind.Call).length > 0;
  // What has a name in the language's own library, a Map or a Date say, is no plain object.
  const isLibrarys = symbol?.name !== '__type' && /\/lib\.[\w.]+\.d\.ts$/.test(symbol?.declarations[0]?.path ?? '');
  return isFunction || isLibrarys ? refuse(type, around) : objectOf(type, around);
}

/** Open, as fields may be added: nothing is said of other properties. */
function objectOf(type: Type, around: Around): Schema {
  const { checker } = around;
  const properties = checker.getPropertiesOfType(type).flatMap(symbol => propertyOf(symbol, around));
  const required = properties.filter(one => one.required).map(({ name }) => name);
  const others = checker.getIndexInfosOfType(type)[0]?.valueType;
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    ...(properties.length > 0 && {
      properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    }),
    ...(others && { additionalProperties: schemaOf(others, below(around, '*')) }),
  };
}

/** None where there is never a value. */
function propertyOf(symbol: CheckerSymbol, around: Around): { name: string; schema: Schema; required: boolean }[] {
  const { checker } = around;
  const { name } = symbol;
  const type = checker.getTypeOfSymbol(symbol);
  if (type === undefined) throw new Error(`${around.place}.${name} has no type`);
  const parts = type.isUnionType() ? type.getTypes() : [type];
  const there = parts.filter(isThere);
  if (there.length === 0) return [];
  const isAlways = there.length === parts.length;
  const schema = isAlways ? schemaOf(type, below(around, name)) : unionOf(there, below(around, name));
  const doc = docOf(checker, symbol);
  const required = isAlways && !(symbol.flags & SymbolFlags.Optional);
  return [{ name, schema: doc === '' ? schema : { description: doc, ...schema }, required }];
}

function isThere(type: Type): boolean {
  return !(type.flags & TypeFlags.VoidLike);
}

function unionOf(types: readonly Type[], around: Around): Schema {
  if (!types.every(isThere)) return refuse(types[0], around, 'it may be undefined');
  const isBoolean = (type: Type) => Boolean(type.flags & TypeFlags.BooleanLiteral);
  const booleans = types.filter(isBoolean);
  const literals = types.filter(type => type.isLiteralType() && !isBoolean(type));
  const others = types.filter(type => !type.isLiteralType());
  const alternatives: Schema[] = [
    ...(literals.length > 1
      ? [{ enum: literals.map(type => type.isLiteralType() && type.value) }]
      : literals.map(type => shapeOf(type, around))),
    ...(booleans.length > 1 ? [{ type: 'boolean' }] : booleans.map(type => shapeOf(type, around))),
    ...others.map(type => schemaOf(type, around)),
  ];
  const [only] = alternatives;
  if (only !== undefined && alternatives.length === 1) return only;
  const isPlain = alternatives.every(one => Object.keys(one).join() === 'type');
  return isPlain ? { type: alternatives.map(one => one.type) } : { anyOf: alternatives };
}

function below(around: Around, name: string): Around {
  return { ...around, place: `${around.place}.${name}` };
}

function refuse(type: Type | undefined, { checker, place }: Around, why?: string): never {
  const reason = why ?? `"${type && checker.typeToString(type)}" is nothing that JSON can print`;
  throw new Error(`${place}: ${reason}. Give the command a json projection.`);
}

const definitionsAt = '#/$defs/';

function freeName(wanted: string, taken: Definitions): string {
  let name = wanted;
  for (let number = 2; name in taken; number += 1) name = `${wanted}${number}`;
  return name;
}

/** Definitions that are used once, and not by themselves, stand where they are used: that is easier to read. */
function withoutOnces({ schema, definitions }: Described): Described {
  const uses = new Map<string, number>();
  const count = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const name = referredBy(value);
    if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1);
    Object.values(value).forEach(count);
  };
  count([schema, definitions]);
  const refersTo = (part: unknown, name: string) => JSON.stringify(part).includes(`"${definitionsAt}${name}"`);
  const isOnce = (name: string) => uses.get(name) === 1 && !refersTo(definitions[name], name);
  const replaced = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(replaced);
    const { $ref, ...own } = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner)]));
    const name = referredBy(value);
    if (name !== undefined && isOnce(name)) return { ...(replaced(definitions[name]) as Schema), ...own };
    return { ...own, ...($ref !== undefined && { $ref }) };
  };
  const kept = Object.entries(definitions).filter(([name]) => !isOnce(name));
  return {
    schema: replaced(schema) as Schema,
    definitions: Object.fromEntries(kept.map(([name, one]) => [name, replaced(one) as Schema])),
  };
}

function referredBy(value: object): string | undefined {
  const ref = (value as { $ref?: unknown }).$ref;
  return typeof ref === 'string' ? ref.slice(definitionsAt.length) : undefined;
}
