"use client";
import { priceOf } from "./price";

export default function Page() {
  return (
    <button id="price" onClick={() => priceOf({ cart: null })}>
      Price
    </button>
  );
}
