// Strength on the box times number of pills, added up over the products.

// To the whole number; a half goes to the even one, as on the server.
/** @param {number} number */
export function rounded(number) {
  const low = Math.floor(number);
  const left = number - low;
  if (left !== 0.5) return Math.round(number);
  return low % 2 === 0 ? low : low + 1;
}

/**
 * The sum of [strength, pills] pairs, 0 when there is none; a missing number counts as 0.
 * @param {[number, number][]} pairs
 */
export function sumOf(pairs) {
  return rounded(pairs.reduce((sum, [strength, pills]) => sum + (strength || 0) * (pills || 0), 0));
}
