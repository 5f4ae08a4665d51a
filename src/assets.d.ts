/** A style sheet: its URL. */
declare module '*.css' {
    const url: string;
    export default url;
}
