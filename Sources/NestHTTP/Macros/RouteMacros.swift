// A file that declares routes imports NestHTTP alone. One declaration for each method of HTTP; what they have in common
// is told at the first.
@_exported public import NestMacros

/// Makes a method of a ``Controller(_:scope:)`` the handler of GET requests.
///
/// ```swift
/// @Controller("/orders")
/// struct Orders {
///     @Get("/:id") func one(id: UUID) async throws -> Order { … }
///     @Get func list(@Query page: Int = 1, @Query("q") text: String?) async throws -> [Order] { … }
///     @Post func create(_ order: NewOrder) async throws -> Order { … }
///     @Delete("/:id") @HTTPCode(204) func remove(id: UUID, @Headers("if-match") tag: String?) async throws { … }
/// }
/// ```
///
/// **Parameters** come from where their attribute says: ``Param``, ``Query``, ``Queries``, ``Headers``,
/// ``CookieValue``, ``Body`` or ``Form``. Without one, a parameter is
///
/// - the part of the path with its name: `id` of `/:id`;
/// - for the type ``HTTPContext`` the context, for ``HummingbirdRequest`` the request;
/// - the body, when it is the only one left, the method is POST, PUT, PATCH or DELETE, and its type is more than a
///   number, a string or the like.
///
/// For anything else the compiler asks what is meant. What cannot be read is answered with status 400 and the
/// parameter's name, before the method is called.
///
/// **What it returns** is the body as JSON, with status 200, for POST 201; see ``HTTPCode(_:)``, ``Header(_:_:)`` and
/// ``HTTPReply``. It may be `async` and may throw, an `HTTPException` among others. A method of a struct or class that
/// is not `async` and reads no body is called without waiting for anything.
///
/// It stands in the body of the type, not in an extension and not inside `#if`. One method may have several routes, and
/// one controller routes and messages. By hand: `Handler.get` in `static var handlers`.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter. Two handlers for the same requests are
///   an error: in one type when it is compiled, in two types when the application starts.
@attached(peer)
public macro Get(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of POST requests; answers with status 201. Used as
/// ``Get(_:)`` is.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Post(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of PUT requests. Used as ``Get(_:)`` is.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Put(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of PATCH requests. Used as ``Get(_:)`` is.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Patch(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of DELETE requests. Used as ``Get(_:)`` is.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Delete(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of HEAD requests. Used as ``Get(_:)`` is.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Head(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` the handler of OPTIONS requests. Used as ``Get(_:)`` is. For CORS there
/// is `enableCORS` of the application.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Options(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")

/// Makes a method of a ``Controller(_:scope:)`` a stream of server-sent events, answering GET requests.
///
/// ```swift
/// @Sse("/:id/events") func events(id: UUID) -> AsyncStream<ServerSentEvent> { … }
/// ```
///
/// It returns an `AsyncSequence` of ``ServerSentEvent``, or of values that become the data of events as JSON. The
/// answer ends with the sequence, and the sequence is cancelled when the client goes away. Its parameters are those of
/// ``Get(_:)``.
///
/// - Parameter path: What follows the controller's path; `:id` is a parameter.
@attached(peer)
public macro Sse(_ path: String = "") = #externalMacro(module: "NestMacrosPlugin", type: "HandlerMarkerMacro")
