/** Host and path of an address, which is what one knows a page by. */
export function placeOf(address: string): string {
  try {
    const { host, pathname } = new URL(address);
    return `${host}${pathname}`;
  } catch {
    return address;
  }
}
