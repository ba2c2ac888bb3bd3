// Beside Hummingbird no name of ours is ambiguous.
import Hummingbird
import NIOCore
import NestHTTPTesting

// A shop with routes of every shape. That they compile without a warning is half the test.

enum Status: String, Codable { case open, paid }

struct NewOrder: Codable, Validatable {
    var sku: String
    var quantity: Int

    func validate() throws {
        guard quantity > 0 else { throw HTTPException.unprocessable("quantity must be positive") }
    }
}

struct Order: Codable, Equatable {
    var id: Int
    var sku: String
    var status: Status = .open
}

struct Listing: Codable, Equatable {
    var page: Int
    var text: String?
    var status: Status
    var tags: [String]
}

struct Filter: Codable, Equatable {
    var status: Status?
    var limit: Int?
}

struct Upload: Decodable {
    var title: String
    var file: UploadedFile
}

@Injectable
struct Region {
    @Inject("REGION") let name: String
}

@Controller("/orders") @UsePipes(ValidationPipe())
struct Orders {
    let region: Region

    @Get("/:id") func one(id: Int) async throws -> Order {
        guard id < 100 else { throw HTTPException.notFound("there is no order \(id)") }
        return Order(id: id, sku: "x")
    }

    @Get
    func list(
        @Query page: Int = 1, @Query("q") text: String?, @Query status: Status = .open, @Query("tag") tags: [String]
    ) -> Listing {
        Listing(page: page, text: text, status: status, tags: tags)
    }

    @Get("/filtered") func filtered(@Queries filter: Filter) -> Filter { filter }

    @Post
    func create(_ order: NewOrder, @Headers("idempotency-key") key: String?) throws -> HTTPReply<Order> {
        HTTPReply(Order(id: order.quantity, sku: "\(region.name) \(order.sku)"), headers: [.eTag: key ?? "none"])
    }

    @Put("/:order-id") func change(@Param("order-id") id: Int, _ changes: NewOrder?) -> String {
        changes.map { "\(id): \($0.sku)" } ?? "\(id): nothing"
    }

    @Patch("/:id") func patch(id: Int, @Body order: NewOrder = NewOrder(sku: "default", quantity: 1)) -> Order {
        Order(id: id, sku: order.sku)
    }

    @Delete("/:id") @HTTPCode(204) func remove(id: Int) {}

    @Post("/:id/payments") @HTTPCode(.accepted) private func pay(_ id: Int) -> Order {
        Order(id: id, sku: "x", status: .paid)
    }

    @Get("/files/*path") @Header("Cache-Control", "no-store") @Header("X-Region", "eu")
    func file(path: String, context: HTTPContext) -> HTTPText { HTTPText("\(context.method) \(path)") }

    @Post("/text") func text(@Body text: String) -> HTTPText { HTTPText(text.uppercased()) }

    @Post("/uploads") func upload(@Form upload: Upload) -> [String: Int] {
        [upload.title: upload.file.data.readableBytes]
    }

    @Get("/me") func me(@CookieValue session: String?, @CookieValue("visits") count: Int = 3) -> [String] {
        [session ?? "nobody", "\(count)"]
    }

    @Get("/headers") func headers(@Headers all: HTTPFields, request: HummingbirdRequest) -> [String] {
        [all[.userAgent] ?? "none", request.method.rawValue]
    }

    @Blocking @Get("/slow") func slow() -> Int { 42 }
}

@Controller("/moved")
struct Moved {
    @Get @Redirect("/orders", 301) func always() {}
    @Get("/sometimes") @Redirect("/orders") func sometimes(@Query to: String?) -> Redirect? { to.map { Redirect($0) } }
}
