// Source that is nested without measure.
// expect: error SyntaxError|InternalError|RangeError or limit stack
eval("(".repeat(100_000) + "1" + ")".repeat(100_000));
