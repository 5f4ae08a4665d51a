/**
 * Shorter names for properties in the bundles. A minifier cannot do that: it does not know which objects others see. TypeScript
 * does, nearly: types are structural, so a name is shortened everywhere or nowhere, and it is shortened only where every
 * property of that name in all sources is declared by us, and nobody else ever meets one.
 *
 * A name is kept that
 * - a property of somebody else's has too (the browser, sip.js, lit), or one in a file that describes what is not ours;
 * - a text looks up (`value['name']`, `'name' in value`), or a key of which only the type is known, or one of lit's templates;
 * - belongs to what goes where types end, or comes from there: `unknown`, `any`, `object`, an index signature, a cast, a type
 *   predicate. That is everything that is stored, sent to another page, put into a message or thrown at the console, at any
 *   depth. The values of lit's templates are left out of this, for they arrive as they are, by names of which see above;
 * - is declared by a base class or an interface of somebody else's that a class of ours extends or implements;
 * - belongs to the types that the doors export, at any depth.
 */
import path from 'node:path';
import ts from 'typescript';
import { namesBoth, namesProperty } from './property-names.mjs';

const { SymbolFlags, TypeFlags } = ts;
const MEMBER = SymbolFlags.Property | SymbolFlags.Method | SymbolFlags.Accessor;
const PRIMITIVE =
    TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BooleanLike | TypeFlags.BigIntLike | TypeFlags.ESSymbolLike;
const NOTHING = TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void | TypeFlags.Never;

/** What takes anything, and looks at no name. */
const HARMLESS = new Set(['Array.isArray', 'Object.is', 'String', 'structuredClone']);

const RESERVED = new Set(['as', 'do', 'if', 'in', 'is', 'of']);

/** Whether a text names a property. */
const isKey = (node, parent) =>
    parent.name === node ||
    parent.propertyName === node ||
    (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) ||
    (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InKeyword);

/**
 * @param options as of tsconfig.json
 * @param files all sources
 * @param doors those whose exports others see
 * @param foreign those that describe what is not ours
 * @returns what each name that can be shortened becomes, and why the others are kept
 */
export function findNames(options, files, doors, foreign) {
    const program = ts.createProgram(files, { ...options, noEmit: true });
    const checker = program.getTypeChecker();
    const own = new Set(files.map((file) => path.resolve(file)));
    const theirs = new Set(foreign.map((file) => path.resolve(file)));
    const sources = program.getSourceFiles().filter(({ fileName }) => own.has(path.resolve(fileName)));
    const counts = new Map();
    const kept = new Map();
    /** Every name that stands in the sources, and those of members that a class has beside what it inherits from theirs. */
    const [used, beside] = [new Set(), new Set()];
    const keep = (name, why) => {
        if (!kept.has(name)) kept.set(name, why);
    };
    const isOurs = (node) => {
        const file = path.resolve(node.getSourceFile().fileName);
        return own.has(file) && !theirs.has(file);
    };
    /** Declared by its plain name, too. */
    const areOurs = (symbol) =>
        symbol.declarations?.length > 0 &&
        symbol.declarations.every((each) => isOurs(each) && (!each.name || ts.isIdentifier(each.name)));
    const typeOf = (symbol) => checker.getTypeOfSymbol(symbol);

    // Where types end

    /** Type parameters whose values go where types end, in what has them. */
    const open = new Set();
    let grown = false;

    const isOpaque = (type) =>
        (type.flags & (TypeFlags.Any | TypeFlags.Unknown | TypeFlags.NonPrimitive)) !== 0 ||
        ((type.flags & TypeFlags.Object) !== 0 &&
            type.getProperties().length === 0 &&
            type.getCallSignatures().length + type.getConstructSignatures().length === 0 &&
            checker.getIndexInfosOfType(type).length === 0);

    const membersOf = (type) => (type.isUnion() ? type.types : [type]);
    const isPlain = (type) => (type.flags & (PRIMITIVE | NOTHING)) !== 0;
    const argumentsOf = (type) =>
        type.aliasTypeArguments ??
        ((type.objectFlags ?? 0) & ts.ObjectFlags.Reference ? checker.getTypeArguments(type) : []);

    const seen = new Set();
    /** Keeps all names of a type, at any depth. */
    function protect(type, why) {
        if (isPlain(type) || seen.has(type)) return;
        seen.add(type);
        if (type.flags & TypeFlags.TypeParameter) {
            if (type.symbol && !open.has(type.symbol)) {
                open.add(type.symbol);
                grown = true;
            }
            const bound = checker.getBaseConstraintOfType(type);
            if (bound) protect(bound, why);
            return;
        }
        for (const part of type.types ?? []) protect(part, why);
        for (const argument of argumentsOf(type)) protect(argument, why);
        for (const symbol of checker.getPropertiesOfType(type)) {
            if (!symbol.declarations?.some((each) => own.has(path.resolve(each.getSourceFile().fileName)))) continue;
            keep(symbol.name, why);
            protect(typeOf(symbol), why);
        }
        for (const { type: each } of checker.getIndexInfosOfType(type)) protect(each, why);
        for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
            protect(signature.getReturnType(), why);
            for (const parameter of signature.parameters) protect(typeOf(parameter), why);
        }
    }

    const flown = new Map();
    /** A value of one type is taken as another. */
    function flow(from, to, why) {
        if (from === to || isPlain(from) || isPlain(to)) return;
        const before = flown.get(from) ?? new Set();
        flown.set(from, before);
        if (before.has(to)) return;
        before.add(to);
        if (isOpaque(to)) return void protect(from, why);
        if (isOpaque(from)) return void protect(to, why);
        if (from.isUnion()) return from.types.forEach((each) => flow(each, to, why));
        if (to.isUnion()) return to.types.forEach((each) => flow(from, each, why));
        if ((from.flags | to.flags) & TypeFlags.TypeParameter) {
            // Another one within a generic: its bound is all that is known.
            const [a, b] = [from, to].map((type) => checker.getBaseConstraintOfType(type) ?? type);
            if (a !== from || b !== to) flow(a, b, why);
            return;
        }
        const [a, b] = [argumentsOf(from), argumentsOf(to)];
        const same = from.symbol !== undefined && from.symbol === to.symbol;
        if (same && a.length === b.length) a.forEach((each, index) => flow(each, b[index], why));
        if (same && !areOurs(from.symbol)) return;
        const index = checker.getIndexInfosOfType(to).find(({ keyType }) => (keyType.flags & TypeFlags.String) !== 0);
        for (const symbol of checker.getPropertiesOfType(from)) {
            const other = checker.getPropertyOfType(to, symbol.name);
            // What a module exports is no property.
            if (!(symbol.flags & MEMBER)) keep(symbol.name, why);
            if (other) {
                if (areOurs(symbol) !== areOurs(other)) keep(symbol.name, why);
                if (areOurs(symbol) || areOurs(other)) flow(typeOf(symbol), typeOf(other), why);
            } else if (index && areOurs(symbol)) {
                keep(symbol.name, why);
                flow(typeOf(symbol), index.type, why);
            }
        }
        const fromIndex = checker.getIndexInfosOfType(from)[0];
        if (fromIndex)
            for (const symbol of checker.getPropertiesOfType(to)) {
                if (checker.getPropertyOfType(from, symbol.name) || !areOurs(symbol)) continue;
                keep(symbol.name, why);
                flow(fromIndex.type, typeOf(symbol), why);
            }
        const signatures = (type) => [...type.getCallSignatures(), ...type.getConstructSignatures()];
        for (const mine of signatures(from)) {
            for (const other of signatures(to)) {
                flow(mine.getReturnType(), other.getReturnType(), why);
                mine.parameters.forEach((parameter, place) => {
                    const given = other.parameters[place] ?? other.parameters.at(-1);
                    if (!given) return;
                    if (elementOf(given).flags & TypeFlags.Never) protect(elementOf(parameter), why);
                    else flow(elementOf(given), elementOf(parameter), why);
                });
            }
        }
    }
    /** The type of a parameter; of the rest of them the one of each. */
    function elementOf(parameter) {
        const type = typeOf(parameter);
        const rest =
            parameter.valueDeclaration &&
            ts.isParameter(parameter.valueDeclaration) &&
            parameter.valueDeclaration.dotDotDotToken;
        return (rest && checker.getIndexTypeOfType(type, ts.IndexKind.Number)) || type;
    }

    // Every use in the sources

    const placeOf = (node) => {
        const file = node.getSourceFile();
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        return `${path.basename(file.fileName)}:${line + 1}`;
    };

    /** The properties that a name stands for. */
    function symbolsOf(node, parent) {
        if (ts.isBindingElement(parent)) {
            const type = checker.getTypeAtLocation(parent.parent);
            return [checker.getPropertyOfType(checker.getNonNullableType(type), node.text)];
        }
        if (ts.isParameter(parent))
            return checker
                .getSymbolsOfParameterPropertyDeclaration(parent, node.text)
                .filter(({ flags }) => flags & MEMBER);
        const symbol = checker.getSymbolAtLocation(node);
        if (!ts.isObjectLiteralElement(parent) || !ts.isObjectLiteralExpression(parent.parent)) return [symbol];
        const declared = ts.isShorthandPropertyAssignment(parent)
            ? checker.getPropertyOfType(checker.getTypeAtLocation(parent.parent), node.text)
            : symbol;
        const wanted = checker.getContextualType(parent.parent);
        if (!wanted || wanted.flags & TypeFlags.TypeParameter) return [declared];
        const asked = membersOf(checker.getNonNullableType(wanted)).map((each) =>
            checker.getPropertyOfType(each, node.text),
        );
        return [declared, ...(asked.some(Boolean) ? asked.filter(Boolean) : [undefined])];
    }

    function visitName(node, parent) {
        const name = node.text;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (!isOurs(node)) return keep(name, `describes ${placeOf(node)}`);
        for (const symbol of symbolsOf(node, parent)) {
            if (!symbol) keep(name, `unknown ${placeOf(node)}`);
            else if (!(symbol.flags & MEMBER)) keep(name, `export ${placeOf(node)}`);
            else if (!areOurs(symbol)) keep(name, `theirs ${placeOf(node)}`);
        }
    }

    const isTemplate = (node) =>
        ts.isTaggedTemplateExpression(node) && /^(?:html|svg|converseHtml)$/u.test(node.tag.getText());

    function visitValue(node) {
        if (ts.isTemplateSpan(node.parent) && isTemplate(node.parent.parent.parent)) return;
        // `{}`: no name comes with it.
        if (ts.isObjectLiteralExpression(node) && node.properties.length === 0) return;
        const call = node.parent;
        if (ts.isCallExpression(call) && HARMLESS.has(call.expression.getText())) return;
        const type = ts.isSpreadElement(node)
            ? (checker.getIndexTypeOfType(checker.getTypeAtLocation(node.expression), ts.IndexKind.Number) ??
              checker.getAnyType())
            : checker.getTypeAtLocation(node);
        if ((ts.isCallExpression(call) || ts.isNewExpression(call)) && call.arguments?.includes(node)) {
            const signature = checker.getResolvedSignature(call);
            const place = call.arguments.indexOf(node);
            const parameter = signature?.parameters[place] ?? signature?.parameters.at(-1);
            const declared = parameter?.valueDeclaration;
            // For a listener's `this`: compared, no more.
            if (node.kind === ts.SyntaxKind.ThisKeyword && parameter?.name === 'context') return;
            if (parameter) flow(type, elementOf(parameter), placeOf(node));
            // Of a generic of ours: what is done with it there.
            if (declared && isOurs(declared) && declared.type) {
                const mentions = (inner) =>
                    (ts.isIdentifier(inner) && open.has(checker.getSymbolAtLocation(inner))) ||
                    ts.forEachChild(inner, mentions) === true ||
                    undefined;
                if (mentions(declared.type)) protect(type, `open ${placeOf(node)}`);
            }
            return;
        }
        // What is taken apart at once is asked for nothing more than that.
        if (ts.isVariableDeclaration(call) && !call.type) return;
        const wanted = checker.getContextualType(node);
        if (wanted) flow(type, wanted, placeOf(node));
    }

    function visit(node) {
        const { parent } = node;
        if (ts.isIdentifier(node)) used.add(node.text);
        if (ts.isIdentifier(node) && (namesProperty(node, parent) || namesBoth(node, parent))) visitName(node, parent);
        if (ts.isStringLiteralLike(node) && isKey(node, parent)) keep(node.text, `text ${placeOf(node)}`);
        if (
            ts.isTemplateHead(node) ||
            ts.isTemplateMiddleOrTemplateTail(node) ||
            ts.isNoSubstitutionTemplateLiteral(node)
        )
            for (const [, name] of node.text.matchAll(/[.?@]([\w$]+)=/gu)) keep(name, 'template');
        if (ts.isExpression(node)) visitValue(node);
        if (ts.isAsExpression(node)) {
            const [from, to] = [node.expression, node].map((each) =>
                checker.getNonNullableType(checker.getTypeAtLocation(each)),
            );
            if (to.flags & TypeFlags.Never) protect(from, placeOf(node));
            else flow(from, to, placeOf(node));
            // What is said to be there, too, where it is not ours.
            if (!isPlain(from) && (!from.symbol || !areOurs(from.symbol)))
                for (const symbol of checker.getPropertiesOfType(to))
                    if (!checker.getPropertyOfType(from, symbol.name) && areOurs(symbol)) {
                        keep(symbol.name, `cast ${placeOf(node)}`);
                        protect(typeOf(symbol), `cast ${placeOf(node)}`);
                    }
        }
        if (ts.isTypePredicateNode(node) && node.type) {
            const of = node.parent.parameters.find(({ name }) => name.getText() === node.parameterName.getText());
            if (of) flow(checker.getTypeAtLocation(of), checker.getTypeAtLocation(node.type), placeOf(node));
        }
        if (ts.isElementAccessExpression(node) && !ts.isStringLiteralLike(node.argumentExpression)) {
            const key = checker.getTypeAtLocation(node.argumentExpression);
            const object = checker.getTypeAtLocation(node.expression);
            if (object.flags & TypeFlags.TypeParameter) protect(object, `by key ${placeOf(node)}`);
            else if (!(key.flags & TypeFlags.NumberLike)) {
                const keys = membersOf(key);
                const all = !keys.every((each) => each.isStringLiteral());
                for (const symbol of checker.getPropertiesOfType(object))
                    if (areOurs(symbol) && (all || keys.some(({ value }) => value === symbol.name)))
                        keep(symbol.name, `by key ${placeOf(node)}`);
            }
        }
        if (ts.isForInStatement(node)) protect(checker.getTypeAtLocation(node.expression), `for in ${placeOf(node)}`);
        if (ts.isClassLike(node)) visitBases(node);
        if (ts.isTypeReferenceNode(node) || ts.isNewExpression(node) || ts.isCallExpression(node)) visitArguments(node);
        ts.forEachChild(node, visit);
    }

    /** What a class of ours has of one of theirs that it extends or implements is taken as theirs. */
    function visitBases(node) {
        const named = node.members.filter(({ name }) => name && ts.isIdentifier(name));
        const parameters = node.members.find(ts.isConstructorDeclaration)?.parameters ?? [];
        const bases = (node.heritageClauses ?? []).flatMap(({ types }) => types);
        for (const type of bases
            .flatMap((base) => [base, base.expression])
            .map((base) => checker.getTypeAtLocation(base))) {
            const theirs = checker.getPropertiesOfType(type).filter((symbol) => !areOurs(symbol));
            for (const symbol of theirs) {
                keep(symbol.name, `base ${placeOf(node)}`);
                for (const member of named)
                    if (member.name.text === symbol.name)
                        flow(checker.getTypeAtLocation(member), typeOf(symbol), placeOf(member));
            }
            // Those of them that no declaration tells may have short names, too.
            if (theirs.length > 0) for (const { name } of [...named, ...parameters]) beside.add(name.text);
        }
    }

    /** Given to a type parameter whose values go where types end. */
    function visitArguments(node) {
        const target = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
        let symbol = checker.getSymbolAtLocation(target);
        if (symbol && symbol.flags & SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
        const parameters = symbol?.declarations?.find((each) => each.typeParameters)?.typeParameters ?? [];
        parameters.forEach((parameter, index) => {
            const given = node.typeArguments?.[index];
            if (given && open.has(checker.getSymbolAtLocation(parameter.name)))
                protect(checker.getTypeAtLocation(given), `open ${placeOf(node)}`);
        });
    }

    for (const door of doors) {
        const source = program.getSourceFile(path.resolve(door));
        for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(source))) {
            const real = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
            protect(real.flags & SymbolFlags.Value ? typeOf(real) : checker.getDeclaredTypeOfSymbol(real), 'public');
        }
    }
    do {
        grown = false;
        counts.clear();
        for (const source of sources) visit(source);
    } while (grown);

    const names = [...counts].filter(([name]) => name.length > 2 && !kept.has(name));
    // The most frequent ones get the shortest.
    names.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const taken = new Set([...used, ...kept.keys()]);
    const [free, apart] = [freeNames('', taken), freeNames('_', taken)];
    return { short: new Map(names.map(([name]) => [name, (beside.has(name) ? apart : free).next().value])), kept };
}

/** `a`, `b`, …, `aa`, `ab`, …: what nothing in the sources is called. */
function* freeNames(prefix, taken) {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    for (const first of ['', ...letters]) {
        for (const last of first === '' ? letters : letters + letters.toUpperCase()) {
            const name = prefix + first + last;
            if (!taken.has(name) && !RESERVED.has(name)) yield name;
        }
    }
}

/** Those that describe what is not ours. */
const FOREIGN =
    /^src\/(?:i18n\/|plugin\/converse\.ts|components\/shared\/lit\.ts|sip-sidecar\/agent\/sip-js\/|.*\.d\.ts$)/u;

/** {@link findNames} for the two bundles. @param root where tsconfig.json is */
export function ownNames(root) {
    const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, root);
    const foreign = fileNames.filter((file) => FOREIGN.test(path.relative(root, file).replaceAll(path.sep, '/')));
    return findNames(
        options,
        fileNames,
        ['src/index.ts', 'src/headless.ts'].map((door) => path.join(root, door)),
        foreign,
    );
}
