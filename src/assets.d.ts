/** An icon, taken apart at build time. */
declare module '*.svg' {
    const icon: { readonly viewBox: string; readonly path: string };
    export default icon;
}

/** A style sheet: its URL. */
declare module '*.css' {
    const url: string;
    export default url;
}
