import type { Expression, ObjectLiteralExpression, SourceFile, VariableDeclaration } from 'typescript/unstable/ast';
import {
  isArrayLiteralExpression,
  isAsExpression,
  isCallExpression,
  isIdentifier,
  isObjectLiteralExpression,
  isSpreadAssignment,
  isSpreadElement,
  isVariableDeclaration,
  isVariableStatement,
} from 'typescript/unstable/ast';
import { type Checker, type Symbol as CheckerSymbol, SignatureKind, type Type } from 'typescript/unstable/sync';

export type ResultType = {
  /** Of one document's `result`. */
  readonly type: Type;
  /** A document for each of many results, one a line. */
  readonly isMany: boolean;
  /** The JSDoc of the command's `json` (or `run`), where it has one. */
  readonly says: string;
};

/** What each command of src/commands.ts prints with --json, in the order of the list. */
export function readResultTypes(checker: Checker, file: SourceFile | undefined): ResultType[] {
  const list = file?.statements
    .filter(isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => isIdentifier(name) && name.text === 'commands');
  if (list === undefined) throw new Error('src/commands.ts has no list of commands');
  return declarationsIn(checker, list).map(declaration => resultOf(checker, declaration));
}

/** The commands that a list is made of: names, and other lists that are spread into it. */
function declarationsIn(checker: Checker, list: VariableDeclaration): VariableDeclaration[] {
  const { initializer } = list;
  const array = initializer !== undefined && isAsExpression(initializer) ? initializer.expression : initializer;
  if (array === undefined || !isArrayLiteralExpression(array)) return [list];
  return array.elements.flatMap(element =>
    declarationsIn(checker, declarationOf(checker, isSpreadElement(element) ? element.expression : element)),
  );
}

function declarationOf(checker: Checker, name: Expression): VariableDeclaration {
  const symbol = checker.getSymbolAtLocation(name);
  const found = symbol && (symbol.valueDeclaration ?? checker.getAliasedSymbol(symbol).valueDeclaration)?.resolve();
  if (found === undefined || !isVariableDeclaration(found)) throw new Error('src/commands.ts: an element is no name');
  return found;
}

function resultOf(checker: Checker, declaration: VariableDeclaration): ResultType {
  const { initializer } = declaration;
  const literal = initializer && isCallExpression(initializer) ? initializer.arguments[0] : undefined;
  const command = checker.getTypeAtLocation(declaration.name);
  if (command === undefined || literal === undefined || !isObjectLiteralExpression(literal))
    throw new Error('src/commands.ts: an element is no call of defineCommand');
  const json = checker.getPropertyOfType(command, 'json');
  const type = returned(checker, json && checker.getTypeOfSymbol(json));
  const written = (name: string) => writtenAs(checker, literal, name);
  const run = written('run');
  // The type of the command says that `run` may give one or many; what is written there is one of the two.
  const isMany = /^Async/.test(returned(checker, run && checker.getTypeOfSymbol(run)).getSymbol()?.name ?? '');
  return { type, isMany, says: docOf(checker, written('json')) || docOf(checker, run) };
}

/** A property of an object as it is written, whatever type is wanted there. */
function writtenAs(checker: Checker, literal: ObjectLiteralExpression, name: string): CheckerSymbol | undefined {
  const names = literal.properties.flatMap(property => (isSpreadAssignment(property) ? [] : [property.name]));
  const found = names.find(own => own !== undefined && isIdentifier(own) && own.text === name);
  return found && checker.getSymbolAtLocation(found);
}

/** JSDoc as one line. */
export function docOf(checker: Checker, symbol: CheckerSymbol | undefined): string {
  return (
    symbol
      ?.getDocumentationComment(checker)
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim() ?? ''
  );
}

function returned(checker: Checker, type: Type | undefined): Type {
  const callable = type && checker.getNonNullableType(type);
  const signature = callable && checker.getSignaturesOfType(callable, SignatureKind.Call)[0];
  const result = signature && checker.getReturnTypeOfSignature(signature);
  if (result === undefined)
    throw new Error('src/commands.ts: a command without run, or with a json that is no function');
  return result;
}
