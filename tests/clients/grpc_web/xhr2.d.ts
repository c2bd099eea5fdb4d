/** The package has no types of its own. It is the XMLHttpRequest of browsers, for Node. */
declare module "xhr2" {
  const XMLHttpRequest: new () => object;
  export default XMLHttpRequest;
}
