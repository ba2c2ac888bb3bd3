/// Makes a struct read and write its own JSON, without `Codable`'s containers: the fast way for what messages carry.
///
/// ```swift
/// @Message
/// struct CreateOrder: Request {
///     static let pattern: Pattern = "orders.create"
///     typealias Reply = OrderCreated
///
///     var sku: String
///     var quantity: Int = 1
///     var note: String?
/// }
/// ```
///
/// The struct becomes a `JSONMessage` and with that `Codable` and `Sendable`, both from the compiler; its memberwise init
/// stays. The JSON is the one that `Codable` would read and write:
///
/// - A member for each stored property, under its name. A `CodingKeys` in the body gives other names, such as need no
///   escapes in JSON, or leaves properties out, which then have a value.
/// - An optional that is nil is not written, and is nil when it is missing or `null`. All others have to be there,
///   those with a default value as well; `let version = 1` is written and never read.
/// - A property's type is written out, and any `Codable` one will do, with `@Message` or without.
///
/// What a macro cannot see, because it sees text and not types: a `CodingKeys`, an `init(from: any Decoder)` or an
/// `encode(to:)` in an extension of the struct, so they do not belong there. An enum needs no `@Message`: with raw values
/// it is a value like a string, otherwise leave it to `Codable`.
///
/// The same without a macro: conform to `JSONMessage` and write `init(from: inout JSONReader)` and `write(to:)`. One that
/// stands in the body of a struct with `@Message` is left as it is.
@attached(member, names: named(readFields))
@attached(extension, conformances: JSONMessage, names: named(init), named(write))
public macro Message() = #externalMacro(module: "NestMacrosPlugin", type: "MessageMacro")
