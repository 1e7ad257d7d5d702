// A file, line by line, of which only a piece is in memory.

import files from "sluss:connector/files@0.1.0";
import { refusal } from "./fault.js";

/** How much is asked for at once. */
const PIECE = 256 * 1024;
const LINE_FEED = 10;

export class Lines {
  /** From the beginning, or from where the cursor says. */
  constructor(folder, name, cursor) {
    this.folder = folder;
    this.name = name;
    this.info = files.stat(folder, name);
    if (!this.info) throw refusal("unavailable", `${name} is not in the folder; has the export been made?`);
    this.piece = new Uint8Array();
    this.at = 0;
    this.cutOff = false;
    const [offset, number, size, modified] = cursor ? ascii(cursor).split(" ").map(Number) : [0, 0];
    if (cursor && (size !== this.info.size || modified !== this.info.modified)) throw changed(name);
    /** Where in the file the piece begins. */
    this.begin = offset;
    /** How many lines were given. */
    this.number = number;
  }

  /** The next line; nothing at the end. */
  next() {
    let end;
    while ((end = this.piece.indexOf(LINE_FEED, this.at)) < 0) {
      if (!this.load()) return undefined;
    }
    const bytes = this.piece.subarray(this.at, end);
    this.at = end + 1;
    this.number += 1;
    return { number: this.number, text: () => text(bytes) };
  }

  /** How the read ends, after the last line: whole, or not, in which case the host takes nothing to be gone. */
  ending() {
    const now = files.stat(this.folder, this.name);
    let fault;
    if (now?.size !== this.info.size || now?.modified !== this.info.modified) fault = changed(this.name);
    else if (now.size === 0) fault = refusal("unavailable", `${this.name} is empty; is the export still being made?`);
    else if (this.cutOff) fault = refusal("unavailable", `${this.name}: the last line does not end; it was cut off`);
    return fault ? { tag: "incomplete", val: fault.payload } : { tag: "complete" };
  }

  /** Where the next line begins, and in which state of the file. */
  cursor() {
    const numbers = [this.begin + this.at, this.number, this.info.size, this.info.modified];
    return Uint8Array.from(numbers.join(" "), (digit) => digit.charCodeAt(0));
  }

  standsAt(cursor) {
    return ascii(cursor) === ascii(this.cursor());
  }

  /** Puts more behind what is left of the piece; whether there was any. */
  load() {
    const left = this.piece.subarray(this.at);
    const more = files.read(this.folder, this.name, this.begin + this.piece.length, PIECE);
    this.cutOff = more.length === 0 && left.length > 0;
    if (more.length === 0) return false;
    const piece = new Uint8Array(left.length + more.length);
    piece.set(left);
    piece.set(more, left.length);
    this.begin += this.at;
    this.at = 0;
    this.piece = piece;
    return true;
  }
}

function changed(name) {
  return refusal("unavailable", `${name} changed while it was read; the next run reads it anew`);
}

/** Bytes as letters, one each; in pieces, since a call takes only so many arguments. */
function ascii(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192));
  }
  return letters;
}

/**
 * UTF-8 as text. The engine has no TextDecoder; these two functions are its own and far quicker than a loop in
 * JavaScript: one writes bytes above 127 as %XX, the other reads that as UTF-8 and refuses what is none.
 */
function text(bytes) {
  const letters = ascii(bytes);
  if (!/[\x80-\xff]/.test(letters)) return letters;
  try {
    return decodeURIComponent(escape(letters));
  } catch {
    throw refusal("invalid", "This line is not UTF-8; have the file written so");
  }
}
