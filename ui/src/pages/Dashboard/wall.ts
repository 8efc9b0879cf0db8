/** On a wall nothing but the panels is reached by Tab. */
export function inertAround(wall: HTMLElement | null): (() => void) | undefined {
  const hidden: Element[] = [];
  for (let one: Element | null = wall; one && one !== document.body; one = one.parentElement)
    for (const beside of one.parentElement?.children ?? [])
      if (
        beside !== one &&
        beside instanceof HTMLElement &&
        !beside.inert &&
        !beside.matches("script, style, [data-portal]")
      ) {
        beside.inert = true;
        hidden.push(beside);
      }
  return () => hidden.forEach((one) => ((one as HTMLElement).inert = false));
}
