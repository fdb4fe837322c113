// The build puts HTML files into the extension as texts.

declare module "*.html" {
  const text: string;
  export default text;
}
