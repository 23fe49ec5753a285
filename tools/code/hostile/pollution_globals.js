// Takes everything away.
// expect: any
for (const name of Object.getOwnPropertyNames(globalThis)) {
  try { delete globalThis[name]; globalThis[name] = undefined; } catch {}
}
