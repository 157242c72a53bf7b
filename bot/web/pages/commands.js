// What a half-typed command line asks for: a name, an option or a value.

/**
 * @typedef {{kind: "name", query: string, from: number}} NameStage
 * @typedef {{kind: "option", command: any, query: string, from: number, used: Set<string>, position: number}} OptionStage
 * @typedef {{kind: "value", command: any, option: any, query: string, from: number}} ValueStage
 * @typedef {{insert: string, label: string, detail: string, from: number, isEager: boolean, goesOn: boolean}} Offer
 */

/**
 * Where the caret is in a command line; null when these are plain words.
 * @param {string} text up to the caret @param {any[]} commands
 * @returns {NameStage|OptionStage|ValueStage|null}
 */
export function stageOf(text, commands) {
  const start = /^\/(\S*)$/.exec(text);
  if (start) return { kind: "name", query: start[1].toLowerCase(), from: 0 };
  const named = /^\/(\S+)\s/.exec(text);
  const command = named && commands.find((one) => one.name === named[1].toLowerCase());
  if (!command) return null;
  const tokens = tokensOf(text, named[0].length);
  const last = tokens.at(-1);
  const option = command.options.find((one) => last.text.startsWith(`${one.name}=`));
  if (option) {
    const query = last.text.slice(option.name.length + 1).replace(/^"/, "");
    return { kind: "value", command, option, query, from: last.from + option.name.length + 1 };
  }
  const before = tokens.slice(0, -1);
  const used = new Set(before.map((token) => /^([\w-]+)=/.exec(token.text)?.[1]).filter(Boolean));
  const position = before.filter((token) => !/^[\w-]+=/.test(token.text)).length;
  return { kind: "option", command, query: last.text, from: last.from, used, position };
}

/** Words between spaces, where quoted ones stay together; the last may be empty. */
function tokensOf(text, start) {
  const tokens = [{ text: "", from: start }];
  let isQuoted = false;
  for (let index = start; index < text.length; index += 1) {
    const letter = text[index];
    if (letter === '"') isQuoted = !isQuoted;
    if (/\s/.test(letter) && !isQuoted) tokens.push({ text: "", from: index + 1 });
    else tokens.at(-1).text += letter;
  }
  return tokens;
}

/** @param {NameStage} stage @param {any[]} commands @returns {Offer[]} */
export function nameOffers(stage, commands) {
  const fits = commands.filter(
    (one) => one.name.includes(stage.query) || one.summary.toLowerCase().includes(stage.query),
  );
  const rank = (one) => (one.name.startsWith(stage.query) ? 0 : one.name.includes(stage.query) ? 1 : 2);
  return fits
    .sort((one, other) => rank(one) - rank(other))
    .map((one) => ({
      insert: `/${one.name}${one.options.length ? " " : ""}`,
      label: `/${one.name}`,
      detail: one.summary,
      from: 0,
      isEager: stage.query !== one.name,
      goesOn: one.options.length > 0,
    }));
}

/** Options that were not given yet; the words of the positional one need no name. @param {OptionStage} stage @returns {Offer[]} */
export function optionOffers(stage) {
  const positional = positionalAt(stage);
  const fits = stage.command.options.filter(
    (one) =>
      !one.is_positional && !stage.used.has(one.name) && one.name.startsWith(stage.query.toLowerCase()),
  );
  const named = fits.map((one) => ({
    insert: `${one.name}=`,
    label: `${one.name}=`,
    detail: one.description,
    from: stage.from,
    isEager: false,
    goesOn: true,
  }));
  const choices = positional?.type === "choice" ? valueOffers(positional, stage.query, stage.from) : [];
  return [...choices, ...named];
}

/** The positional option that the caret is in. @param {OptionStage} stage */
export function positionalAt(stage) {
  const positional = stage.command.options.filter((one) => one.is_positional);
  return positional[Math.min(stage.position, positional.length - 1)] ?? null;
}

/** @returns {Offer[]} */
export function valueOffers(option, query, from, suggestions = []) {
  const typed = query.toLowerCase();
  const choices = (option.choices ?? [])
    .filter((one) => one.toLowerCase().startsWith(typed))
    .map((value) => ({ value, label: value }));
  return [...choices, ...suggestions].map(({ value, label }) => ({
    insert: `${/\s/.test(value) ? `"${value}"` : value} `,
    label: value,
    detail: label === value ? "" : label,
    from,
    isEager: value.toLowerCase() !== typed && typed !== "",
    goesOn: true,
  }));
}
