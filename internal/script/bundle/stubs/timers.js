// Parsers that are asked to work asynchronously find the timers of the script.
module.exports = { setImmediate: (...args) => setImmediate(...args), setTimeout: (...args) => setTimeout(...args) };
