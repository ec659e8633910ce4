// How well a text fits what somebody types: each word of theirs has to be found. Pure.

/** @type {Record<string, string>} */
const LETTERS = { "æ": "ae", "ø": "o", "ß": "ss", "ł": "l", "đ": "d" };

/** @param {string} text */
export function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[æøßłđ]/g, (letter) => LETTERS[letter]);
}

/**
 * @param {string} query
 * @param {string} text
 * @returns {number} 0 where it does not fit; more is better
 */
export function fits(query, text) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const whole = plain(text);
  let sum = 1;
  for (const word of words) {
    const found = fit(word, whole);
    if (!found) return 0;
    sum += found;
  }
  return sum;
}

/**
 * A word's beginning counts more than its middle, and letters in order (as in "hb" for "hand back")
 * only where each begins a word or follows the one before.
 * @param {string} word
 * @param {string} text
 */
function fit(word, text) {
  const at = text.indexOf(word);
  if (at === 0) return 5;
  if (at > 0) return beginsWord(text, at) || text.includes(` ${word}`) ? 4 : 2;
  return word.length > 1 && word.length < 20 && inOrder(word, text) ? 1 : 0;
}

/**
 * @param {string} word
 * @param {string} text
 * @param {number} [at] the letter after the one that was found last
 * @returns {boolean}
 */
function inOrder(word, text, at = -1) {
  if (!word) return true;
  if (at >= 0 && text[at] === word[0] && inOrder(word.slice(1), text, at + 1)) return true;
  for (let i = Math.max(at, 0); i < text.length; i += 1) {
    if (text[i] === word[0] && beginsWord(text, i) && inOrder(word.slice(1), text, i + 1)) return true;
  }
  return false;
}

/**
 * @param {string} text
 * @param {number} at
 */
function beginsWord(text, at) {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);
}
