/// Any JSON value, for payloads without a type of their own.
///
/// Numbers keep their digits and objects the order of their members. Two values are equal when they mean the same:
/// `1` and `1.0` are, and objects whose members stand in another order.
public enum JSONValue: Sendable, Hashable {
    /// null.
    case null
    /// true or false.
    case bool(Bool)
    /// A number with all of its digits.
    case number(JSONNumber)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Members in order.
    case object(JSONObject)
}
