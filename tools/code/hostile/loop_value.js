// Never ends when its value is shown.
// expect: limit cpu
({ toString() { for (;;); }, toJSON() { for (;;); }, get x() { for (;;); }, [Symbol.toPrimitive]() { for (;;); } }) + "";
