// Finalizers that make what is to be finalized.
// expect: limit cpu or limit memory or error ReferenceError
const registry = new FinalizationRegistry(() => make());
const make = () => registry.register({ data: new Array(1000).fill(0) }, 1);
for (;;) make();
