export class PriceError extends Error {
  name = "PriceError";
}

export function priceOf(order) {
  if (order.cart === null) {
    throw new PriceError("no cart to price");
  }
  return order.cart.total;
}
