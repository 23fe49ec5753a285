// Objects without end.
// expect: limit memory or limit cpu
const data = [];
for (;;) data.push({ n: [data.length] });
