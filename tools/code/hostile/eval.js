// Source made at run time, which can do no more than other source.
// expect: output contains 3 undefined
console.log(eval("1 + 2"), new Function("return typeof fetch")());
