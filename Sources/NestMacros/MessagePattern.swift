/// Makes a method of a ``Controller(_:scope:)`` the handler of requests.
///
/// ```swift
/// @MessagePattern("orders.create") func create(_ order: NewOrder) async throws -> Order { … }
/// @MessagePattern("orders.*.status") func status(_ context: MessageContext) -> Status { … }
/// @MessagePattern(["cmd": "sum"]) func sum(_ numbers: [Int]) -> Int { … }
/// @MessagePattern(Patterns.count) func count() -> Int { … }
/// ```
///
/// What it returns is the reply, nothing is `null`, and the items of an `AsyncSequence` are streamed. What it throws goes
/// to the caller. Its shape may be any that ``Controller(_:scope:)`` lists. Two handlers for the same request are an
/// error: in one type when it is compiled, in two types when the application starts.
///
/// - Parameter pattern: Tokens with dots between them; `*` stands for one token, `>` for the rest and stands last. Of
///   several that match the most specific one answers. An object pattern, or any expression of a `Pattern`, does too.
@attached(peer)
public macro MessagePattern(_ pattern: Pattern) =
    #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of a typed contract: its payload has to be the contract, and
/// its result the contract's `Reply`, or the compiler says so.
///
/// ```swift
/// @MessagePattern(CreateOrder.self) func create(_ order: CreateOrder) async throws -> CreateOrder.Reply { … }
/// ```
///
/// - Parameter contract: The type that callers send, with the pattern in it.
@attached(peer)
public macro MessagePattern<Contract: Request>(_ contract: Contract.Type) =
    #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")
