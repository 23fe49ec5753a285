// An integer without measure.
// expect: limit cpu or limit memory or error RangeError|InternalError
console.log((10n ** 10n ** 8n).toString().length);
