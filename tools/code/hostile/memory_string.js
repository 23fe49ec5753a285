// A string that doubles.
// expect: limit memory or error RangeError|InternalError
let text = "x";
for (;;) text += text + text.length;
