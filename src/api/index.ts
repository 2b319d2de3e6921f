export { attach, type AttachOptions, type Inspection } from './attach.ts';
