// Calls itself through native code.
// expect: error RangeError|InternalError or limit stack
const again = () => [2, 1].sort(again);
again();
