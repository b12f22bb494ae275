// What a page holds is not known to the type checker: an element is taken for whatever the script says it is. Types are
// for what the scripts hand each other (shapes.d.ts).
interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}
interface Document {
  getElementById(id: string): any;
  addEventListener(type: string, listener: (event: any) => any, options?: any): void;
}
interface NonElementParentNode {
  getElementById(id: string): any;
}
interface Element {
  closest(selectors: string): any;
}
interface EventTarget {
  [name: string]: any;
}

// Of the service workers; KNOWN and sendSealed stand before sw.js as the server sends it.
interface Window {
  clients: any;
  registration: any;
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: any) => any, options?: any): void;
}
declare const KNOWN: any;
declare const sendSealed: any;
