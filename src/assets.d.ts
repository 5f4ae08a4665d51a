/** An icon, taken apart at build time. */
declare module '*.svg' {
    const icon: { readonly viewBox: string; readonly path: string };
    export default icon;
}

/** A style sheet as text. */
declare module '*.css' {
    const text: string;
    export default text;
}
