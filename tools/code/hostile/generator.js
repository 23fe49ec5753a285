// A generator that yields for ever.
// expect: limit cpu or limit memory or error RangeError|InternalError
const data = [...(function* () { for (let n = 0; ; n++) yield n; })()];
