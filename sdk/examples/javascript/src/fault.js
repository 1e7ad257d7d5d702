// What goes wrong, in the words of the contract.

/** An error that crosses the border as the contract's `error`: whatever is thrown with a `payload` does. */
class Refusal extends Error {
  constructor(payload) {
    super(payload.message);
    this.payload = payload;
  }
}

/**
 * A fault to throw. The message is for the operator and quotes nothing from the file: a field in the wrong place may
 * hold an identity number.
 */
export function refusal(kind, message, { object = null, attribute = null } = {}) {
  return new Refusal({ kind, message, code: null, retryAfterMs: null, object, attribute, place: null, sent: false });
}

/**
 * A function whose mistakes become faults. An exception of the language itself would end the instance and tell nobody
 * why: a component has no console. What the host's capabilities throw has a payload already, and is passed on.
 */
export function guarded(work) {
  return (...given) => {
    try {
      return work(...given);
    } catch (error) {
      if (error?.payload) throw error;
      // The message of such an error may quote the file; its name and place do not.
      const place = String(error?.stack).trim().split("\n")[0].trim();
      throw refusal("internal", `A mistake in the connector: ${error?.name} ${place}`);
    }
  };
}
