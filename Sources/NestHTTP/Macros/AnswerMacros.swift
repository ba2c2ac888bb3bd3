public import HTTPTypes

/// Gives the answers of a route another status than 200, or 201 for ``Post(_:)``.
///
/// ```swift
/// @Delete("/:id") @HTTPCode(204) func remove(id: UUID) async throws { … }
/// @Post("/imports") @HTTPCode(.accepted) func start(_ list: ImportList) -> Ticket { … }
/// ```
///
/// Errors keep theirs. For a status that depends on the request return an ``HTTPReply``.
///
/// - Parameter status: A number from 200 to 599, or its name.
@attached(peer)
public macro HTTPCode(_ status: HTTPResponse.Status) =
    #externalMacro(module: "NestMacrosPlugin", type: "RouteSettingMacro")

/// Adds a header to the answers of a route; may stand several times. What is read from requests is ``Headers``.
///
/// ```swift
/// @Get("/:id") @Header("Cache-Control", "no-store") func one(id: UUID) -> Order { … }
/// ```
///
/// Errors are answered without it. For a value that depends on the request return an ``HTTPReply``.
///
/// - Parameters:
///   - name: The header, in any case.
///   - value: What it says.
@attached(peer)
public macro Header(_ name: String, _ value: String) =
    #externalMacro(module: "NestMacrosPlugin", type: "RouteSettingMacro")

/// Answers a route by sending the client elsewhere, after the method was called.
///
/// ```swift
/// @Get("/docs") @Redirect("https://example.com/docs", 301) func docs() {}
/// @Get("/latest") @Redirect("/orders") func latest() async -> Redirect? { … }   // nil: to /orders
/// ```
///
/// The method returns nothing, or an optional ``Redirect`` that takes precedence when there is one.
///
/// - Parameters:
///   - location: Where to.
///   - status: From 300 to 399: `302` for now, `301` for good.
@attached(peer)
public macro Redirect(_ location: String, _ status: HTTPResponse.Status = 302) =
    #externalMacro(module: "NestMacrosPlugin", type: "RouteSettingMacro")
