/** FNV-1a of a text's UTF-16 units, 32 bits: for places and short ids, guards nothing. */
export function hashOf(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash >>> 0;
}
