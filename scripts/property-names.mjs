/** Gives properties shorter names in the bundles: a transformer for TypeScript. Which, and why these: own-names.mjs. */
import ts from 'typescript';

/** Whether an identifier names a property, and is not a variable of the same name. */
export const namesProperty = (node, parent) =>
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node) ||
    ((ts.isObjectLiteralElement(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent)) &&
        parent.name === node);

/** Those that are a property and a variable. */
export const namesBoth = (node, parent) =>
    parent.name === node &&
    ((ts.isBindingElement(parent) &&
        ts.isObjectBindingPattern(parent.parent) &&
        !parent.propertyName &&
        !parent.dotDotDotToken) ||
        (ts.isParameter(parent) && ts.isParameterPropertyDeclaration(parent, parent.parent)));

/** The transformer for TypeScript. @param short what each name becomes */
export const propertyNames = (short) => (context) => (source) => {
    const { factory } = context;
    const renamed = ({ text }) => factory.createIdentifier(short.get(text));
    const isName = (node) => node !== undefined && ts.isIdentifier(node) && short.has(node.text);
    /** @param own the parameters that are properties, too: in their constructor all of that name is renamed */
    const visit = (node, parent, own) => {
        const inner = (child) => visit(child, node, own);
        if (ts.isConstructorDeclaration(node)) {
            const names = node.parameters
                .filter((each) => each.modifiers?.length > 0 && isName(each.name))
                .map(({ name }) => name.text);
            return ts.visitEachChild(node, (child) => visit(child, node, new Set(names)), context);
        }
        if (isName(node) && (own.has(node.text) || namesProperty(node, parent))) return renamed(node);
        if (ts.isShorthandPropertyAssignment(node) && isName(node.name) && !own.has(node.name.text))
            return factory.createPropertyAssignment(renamed(node.name), node.name);
        if (
            ts.isBindingElement(node) &&
            ts.isObjectBindingPattern(parent) &&
            !node.propertyName &&
            !node.dotDotDotToken &&
            isName(node.name) &&
            !own.has(node.name.text)
        )
            return factory.updateBindingElement(
                node,
                undefined,
                renamed(node.name),
                node.name,
                ts.visitNode(node.initializer, inner),
            );
        return ts.visitEachChild(node, inner, context);
    };
    return ts.visitNode(source, (node) => visit(node, node, new Set()));
};
