export { absolutePath, pathFactsHere } from '../platform/path-facts.ts';
