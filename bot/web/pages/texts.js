// What the page says, in the language of whoever reads it: English here, the rest from the bot.

import { locale, words } from "/words.js";

/** For the browser's own dates and numbers; English keeps the order that the browser is set to. */
export const dates = locale === "en" ? undefined : locale;

const plurals = new Intl.PluralRules(locale);

/**
 * A sentence; its facts are put in for `{name}`. Key and English are literals: `python -m bot.texts` reads them.
 * @param {string} key @param {string} english @param {Record<string, unknown>} [facts]
 */
export function t(key, english, facts = {}) {
  return filled(words[key] ?? english, facts);
}

/** A sentence that depends on a number, the fact `n`. */
export function tn(key, n, one, other, facts = {}) {
  const forms = words[key] ?? { one, other };
  const form = plurals.select(n) === "one" ? (forms.one ?? forms.other) : forms.other;
  return filled(form, { n, ...facts });
}

/** A sentence with elements in it. @param {Record<string, unknown>} nodes @returns {unknown[]} */
export function mixed(key, english, nodes) {
  return (words[key] ?? english).split(/\{(\w+)\}/).map((part, at) => (at % 2 ? nodes[part] : part));
}

/** What a look is. @param {string} kind */
export function kindText(kind) {
  return words[`kind.${kind}`] ?? kind;
}

/** For whom it is. @param {string} rating */
export function ratingText(rating) {
  return words[`rating.${rating}`] ?? rating;
}

/** How far a file has come. @param {string} state */
export function stateText(state) {
  return words[`state.${state}`] ?? state;
}

function filled(text, facts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

document.documentElement.lang = locale;
