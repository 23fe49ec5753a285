// What gives a program the host elsewhere.
// expect: output contains none
const there = ["Deno", "Bun", "fetch", "XMLHttpRequest", "WebSocket", "Worker", "std", "os", "bjson", "scriptArgs",
  "loadScript", "WebAssembly"].filter((name) => typeof globalThis[name] !== "undefined");
console.log(there.length ? there.join() : "none");
