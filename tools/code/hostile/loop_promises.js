// A promise after another, without end.
// expect: limit cpu or limit memory
const again = () => Promise.resolve().then(again);
again();
