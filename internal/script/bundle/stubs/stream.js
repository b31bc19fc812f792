// Streams have no use where nothing streams; parsers that derive from one are called directly.
const { EventEmitter } = require("events");
class Stream extends EventEmitter {
  constructor(options) {
    super();
    this.options = options;
    this.queue = [];
  }
  push(chunk) {
    if (chunk !== null) this.queue.push(chunk);
    return true;
  }
}
function Transform(options) {
  EventEmitter.call(this);
  this._readableState = { objectMode: true };
  this.options = options;
}
Object.setPrototypeOf(Transform.prototype, EventEmitter.prototype);
Transform.prototype.push = function () { return true; };
module.exports = { Stream, Transform, Readable: Transform, Writable: Transform, Duplex: Transform };
