// A short expression with a long result.
// expect: limit memory or limit cpu or error RangeError|InternalError|TypeError
Array(2 ** 31).join("xxxxxxxx");
