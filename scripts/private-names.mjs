/**
 * Shortens the names of private members in the bundles: a transformer for TypeScript, since a minifier does not know which
 * names are private. It takes those that their class reaches by `this.name` and `{ name } = this` only: whatever is reached
 * in another way, or stands in a text or in a table there, keeps its name.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const has = (node, kind) =>
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((modifier) => modifier.kind === kind);
const isPrivate = (node) => has(node, ts.SyntaxKind.PrivateKeyword) && !has(node, ts.SyntaxKind.StaticKeyword);
const isThis = (node) => node?.kind === ts.SyntaxKind.ThisKeyword;

/** Whether `this` is another one within. */
const hasOwnThis = (node) =>
    ts.isFunctionExpression(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassLike(node) ||
    (ts.isObjectLiteralElement(node) && (ts.isMethodDeclaration(node) || ts.isAccessor(node)));

/** TypeScript leaves them out where it checks no types. */
function setParents(node) {
    ts.forEachChild(node, (child) => {
        child.parent = node;
        setParents(child);
    });
}

/** The identifiers that name private members of a class, by name. */
function privateMembers(node) {
    const constructor = node.members.find(ts.isConstructorDeclaration);
    const parameters = constructor?.parameters.filter(isPrivate) ?? [];
    const members = new Map();
    for (const { name } of [...node.members.filter(isPrivate), ...parameters]) {
        if (name !== undefined && ts.isIdentifier(name))
            members.set(name.text, [...(members.get(name.text) ?? []), name]);
    }

    const visit = (inner, own, inConstructor) => {
        if (ts.isStringLiteralLike(inner)) members.delete(inner.text);
        if (ts.isIdentifier(inner) && members.has(inner.text)) {
            const { parent, text } = inner;
            const found = members.get(text);
            if (ts.isPropertyAccessExpression(parent) && parent.name === inner) {
                if (own && isThis(parent.expression)) found.push(inner);
                else members.delete(text);
            } else if (ts.isBindingElement(parent) && parent.initializer !== inner) {
                const fromThis = own && isThis(parent.parent.parent.initializer);
                // In `{ name: other }` it is the name that counts.
                if (!fromThis || inConstructor) members.delete(text);
                else if ((parent.propertyName ?? parent.name) === inner) found.push(inner);
            } else if (ts.isObjectLiteralElement(parent) && parent.name === inner) {
                members.delete(text);
            } else if (inConstructor && !found.includes(inner) && parameters.some(({ name }) => name === found[0])) {
                // The parameter itself; one of the same name in a function there would be another.
                if (ts.isParameter(parent) || ts.isVariableDeclaration(parent)) members.delete(text);
                else found.push(inner);
            }
        }
        ts.forEachChild(inner, (child) => {
            visit(child, own && !hasOwnThis(child), inConstructor);
        });
    };
    for (const member of node.members) visit(member, true, member === constructor);
    return members;
}

/** @param files all that have classes: none may take a name that a class which it extends has taken */
export function privateNames(files) {
    const bases = new Map();
    const isClass = (node) => ts.isClassDeclaration(node) && node.name !== undefined;
    for (const file of files) {
        const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
        for (const { name, heritageClauses } of source.statements.filter(isClass)) {
            bases.set(name.text, [...(bases.get(name.text) ?? []), heritageClauses?.[0]?.types[0]?.expression.text]);
        }
    }
    const depth = (name) => (bases.has(name) ? 1 + Math.max(...bases.get(name).map(depth)) : 0);

    return (context) => (source) => {
        setParents(source);
        const short = new Map();
        for (const node of source.statements.filter(isClass)) {
            const prefix = '$'.repeat(depth(node.name.text));
            for (const [index, identifiers] of [...privateMembers(node).values()].entries()) {
                for (const identifier of identifiers) short.set(identifier, prefix + index.toString(36));
            }
        }
        const { factory } = context;
        const visit = (node) => {
            if (ts.isBindingElement(node) && short.has(node.name)) {
                const { dotDotDotToken, name, initializer } = node;
                const from = factory.createIdentifier(short.get(name));
                return factory.updateBindingElement(node, dotDotDotToken, from, name, ts.visitNode(initializer, visit));
            }
            return short.has(node)
                ? factory.createIdentifier(short.get(node))
                : ts.visitEachChild(node, visit, context);
        };
        return short.size === 0 ? source : ts.visitEachChild(source, visit, context);
    };
}
