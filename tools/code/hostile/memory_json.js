// A document that is nested without measure.
// expect: error SyntaxError|InternalError|RangeError or limit stack or limit memory
JSON.parse("[".repeat(1_000_000) + "]".repeat(1_000_000));
