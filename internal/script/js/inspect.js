// How the console and some messages write values.
(function () {
  "use strict";

  // inspect writes a value the way consoles do: { a: 1, b: [ 'x' ] }.
  function inspect(value, depth = 0, seen = []) {
    switch (typeof value) {
      case "string":
        return depth === 0 ? value : `'${value}'`;
      case "bigint":
        return `${value}n`;
      case "function":
        return `[Function: ${value.name || "(anonymous)"}]`;
      case "object":
        return value === null ? "null" : inspectObject(value, depth, seen);
      default:
        return Object.is(value, -0) ? "-0" : String(value);
    }
  }

  function inspectObject(value, depth, seen) {
    if (value instanceof Error) return value.stack ? `${value.name}: ${value.message}` : String(value);
    if (value instanceof Date) return isNaN(value) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (seen.includes(value)) return "[Circular]";
    if (typeof value.toJSON === "function" && !Array.isArray(value)) return inspect(value.toJSON(), Math.max(depth, 1), [...seen, value]);
    if (depth > 4) return Array.isArray(value) ? "[Array]" : "[Object]";
    const inner = [...seen, value];
    if (Array.isArray(value)) return bracket("[", items(value, depth + 1, inner), "]");
    if (ArrayBuffer.isView(value) && value.length !== undefined) return `${value.constructor.name}(${value.length}) ` + bracket("[", items(value, depth + 1, inner), "]");
    if (value instanceof Map) return `Map(${value.size}) ` + bracket("{", [...value].map(([k, v]) => `${inspect(k, depth + 1, inner)} => ${inspect(v, depth + 1, inner)}`), "}");
    if (value instanceof Set) return `Set(${value.size}) ` + bracket("{", [...value].map((v) => inspect(v, depth + 1, inner)), "}");
    const name = value.constructor && value.constructor.name && value.constructor !== Object ? value.constructor.name + " " : "";
    const key = (k) => (/^[A-Za-z_$][\w$]*$/.test(k) ? k : `'${k}'`);
    return name + bracket("{", Object.keys(value).map((k) => `${key(k)}: ${inspect(value[k], depth + 1, inner)}`), "}");
  }

  // items writes the first hundred of a list.
  function items(list, depth, seen) {
    const shown = Array.from(list.slice(0, 100), (v) => inspect(v, depth, seen));
    if (list.length > 100) shown.push(`... ${list.length - 100} more items`);
    return shown;
  }

  const bracket = (open, parts, close) => (parts.length ? `${open} ${parts.join(", ")} ${close}` : open + close);

  return inspect;
})
