/**
 * Formats a float as Python's repr does. JavaScript finds the same digits, the shortest that read back as the same
 * number, but spells them in other ways (cpython/Python/pystrtod.c, format_float_short() with 'r').
 */
export function formatFloat(value: number): string {
  const text = formatShortest(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Formats a complex as Python's repr does: without a real part of +0, and without `.0`. */
export function formatComplex(real: number, imaginary: number): string {
  const imaginaryText = formatShortest(imaginary);
  if (Object.is(real, 0)) return `${imaginaryText}j`;
  const sign = /^[-+]/.test(imaginaryText) ? '' : '+';
  return `(${formatShortest(real)}${sign}${imaginaryText}j)`;
}

function formatShortest(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa = '0', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return `${sign}${placePoint(digits, Number(exponentText))}`;
}

/** Exponents from -4 to 15 are written out; others have two digits at least. */
function placePoint(digits: string, exponent: number): string {
  if (exponent < -4 || exponent >= 16) {
    const rest = digits.length === 1 ? '' : `.${digits.slice(1)}`;
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits[0]}${rest}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
