// Prints what ran in the words of cargo's tests, so that one run reads as one.

export default async function* reporter(events) {
  const counts = { ok: 0, FAILED: 0, ignored: 0 };
  const failures = [];
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A suite, or a whole file: counted by what is inside, unless the file itself broke.
    const whole = data.details?.type === 'suite' || (data.nesting === 0 && data.name.endsWith('.mjs'));
    if (whole && type === 'test:pass') continue;
    if (whole && data.details?.error?.failureType === 'subtestsFailed') continue;
    const outcome = type === 'test:fail' ? 'FAILED' : (data.skip ?? data.todo) === undefined ? 'ok' : 'ignored';
    counts[outcome] += 1;
    if (outcome === 'FAILED') failures.push(data);
    yield `test ${fileName(data)}::${data.name} ... ${outcome}\n`;
  }
  for (const { name, details } of failures) {
    const { error } = details;
    yield `\n---- ${name} ----\n${error.cause?.stack ?? error.cause ?? error.stack ?? error}\n`;
  }
  const result = failures.length ? 'FAILED' : 'ok';
  yield `\ntest result: ${result}. ${counts.ok} passed; ${counts.FAILED} failed; ${counts.ignored} ignored\n`;
}

function fileName({ file, name }) {
  return (file ?? name).split('/').at(-1).replace(/\.test\.mjs$/, '');
}
