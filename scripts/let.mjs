/**
 * Writes `let` for every `const` in the bundles: a transformer for TypeScript. The compiler has checked by then that nothing is
 * assigned to anew, and one word in place of two is a quarter of a kilobyte less.
 */
import ts from 'typescript';

/** The transformer, to be run after those that look at what is declared. */
export const letForConst = (context) => (file) => {
    const visit = (node) => {
        const inner = ts.visitEachChild(node, visit, context);
        return ts.isVariableDeclarationList(inner) && inner.flags & ts.NodeFlags.Const
            ? context.factory.createVariableDeclarationList(inner.declarations, ts.NodeFlags.Let)
            : inner;
    };
    return ts.visitNode(file, visit);
};
