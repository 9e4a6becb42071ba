import { climb, error, flat, info, type Story, step, warn } from "../story.ts";

const goroutines: Story = {
  name: "search slows down over hours",
  service: "search",
  symptoms: [
    "[FIRING] SearchLatencyP99: search p99 > 2s for 10m",
    "search gets slower and slower, some queries fail with 'too many open files'",
    "search saturation",
  ],
  culprit: {
    service: "search",
    type: "feat",
    titles: ["Suggest brands beside products", "Second lookup for brands", "Brand suggestions"],
    diffs: [
      [
        "src:suggest/brands.go",
        `
+package suggest
+
+func (s *Suggester) brands(ctx context.Context, prefix string) ([]string, error) {
+	res, err := s.http.Get(s.base + "/brands/_search?q=" + url.QueryEscape(prefix))
+	if err != nil {
+		return nil, err
+	}
+	if res.StatusCode != http.StatusOK {
+		return nil, nil
+	}
+	defer res.Body.Close()
+	return decodeNames(res.Body)
+}
`,
      ],
      [
        "src:suggest/suggest.go",
        `
@@ func (s *Suggester) Suggest(ctx context.Context, prefix string) (Answer, error) {
 	products, err := s.products(ctx, prefix)
 	if err != nil {
 		return Answer{}, err
 	}
-	return Answer{Products: products}, nil
+	brands, _ := s.brands(ctx, prefix)
+	return Answer{Products: products, Brands: brands}, nil
 }
`,
      ],
    ],
  },
  mend: [
    [
      "+	if res.StatusCode != http.StatusOK {\n+		return nil, nil\n+	}\n+	defer res.Body.Close()",
      "+	defer res.Body.Close()\n+	if res.StatusCode != http.StatusOK {\n+		return nil, nil\n+	}",
    ],
  ],
  decoys: [
    {
      service: "search",
      type: "perf",
      titles: ["Keep query connections open longer", "Fewer new connections for queries"],
      diffs: [
        [
          "src:client/transport.go",
          `
@@ func transport() *http.Transport {
 	return &http.Transport{
 		MaxIdleConnsPerHost: 64,
-		IdleConnTimeout:     30 * time.Second,
+		IdleConnTimeout:     90 * time.Second,
 	}
 }
`,
        ],
      ],
    },
    {
      service: "catalog",
      type: "feat",
      titles: ["Send the brand with product updates", "Brand in the search feed"],
      diffs: [
        [
          "src:feed/SearchFeed.java",
          `
@@ class SearchFeed {
     Document toDocument(Product product) {
         return new Document(product.id())
             .with("title", product.title())
+            .with("brand", product.brand().name())
             .with("price", product.price());
     }
`,
        ],
      ],
    },
  ],
  delay: "hours",
  both: {
    lines: [
      error("search", 9, "query failed took=2#nms cause=%cause%"),
      warn("gateway", 4, "504 GET /api/search upstream=search"),
    ],
    curves: [step("search", 'http_server_request_seconds{quantile="0.99"}', 0.14, 2.3)],
  },
  words: { cause: ["context deadline exceeded"] },
  guilty: {
    lines: [
      warn("search", 6, "dial tcp: socket: too many open files pod=search-%rsnew%-#pod goroutines=#big"),
      info("search", 4, "suggest brands status=404 prefix=#id", "all"),
    ],
    curves: [
      climb("search", 'go_goroutines{pod="search-%rsnew%-8wq4m"}', 180, 21_000, {
        life: "new",
        since: "deploy",
        noise: 0.02,
      }),
      climb("search", 'process_open_fds{pod="search-%rsnew%-8wq4m"}', 90, 10_200, {
        life: "new",
        since: "deploy",
        noise: 0.02,
      }),
      flat("search", 'opensearch_jvm_gc_old_seconds:rate1m{node="os-2"}', 0.01, 0.01, { noise: 0.3 }),
    ],
  },
  twin: {
    lines: [
      warn("search", 6, "opensearch 429 circuit_breaking_exception node=os-2 shard=#p"),
      info("search", 4, "opensearch node=os-2 gc overhead spent=#ms0ms in last 1s heap=97%"),
    ],
    curves: [
      flat("search", 'go_goroutines{pod="search-%rsnew%-8wq4m"}', 180, 180, { life: "new", noise: 0.1 }),
      flat("search", 'process_open_fds{pod="search-%rsnew%-8wq4m"}', 90, 90, { life: "new", noise: 0.05 }),
      step("search", 'opensearch_jvm_gc_old_seconds:rate1m{node="os-2"}', 0.01, 0.86, { noise: 0.1 }),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const jwks: Story = {
  name: "valid sessions are refused",
  canary: true,
  service: "gateway",
  symptoms: [
    "[FIRING] Gateway401Ratio: gateway 401 ratio 35% on authenticated routes",
    "Customers are logged out at random and cannot stay logged in.",
  ],
  culprit: {
    service: "gateway",
    type: "fix",
    titles: ["Check the audience of tokens", "Stricter token checks", "Refuse tokens made for other apps"],
    body: "Found in the yearly security review.",
    diffs: [
      [
        "src:auth/verify.go",
        `
@@ func (v *Verifier) Verify(raw string) (*Claims, error) {
-	tok, err := jwt.ParseWithClaims(raw, &Claims{}, v.key, jwt.WithLeeway(30*time.Second))
+	tok, err := jwt.ParseWithClaims(raw, &Claims{}, v.key,
+		jwt.WithIssuedAt(),
+		jwt.WithAudience("shop-web"))
 	if err != nil {
 		return nil, fmt.Errorf("token: %w", err)
 	}
 	return tok.Claims.(*Claims), nil
`,
      ],
    ],
  },
  mend: [
    [
      '+		jwt.WithIssuedAt(),\n+		jwt.WithAudience("shop-web"))',
      "+		jwt.WithLeeway(30*time.Second),\n+		jwt.WithIssuer(v.issuer))",
    ],
  ],
  decoys: [
    {
      service: "customers",
      type: "feat",
      titles: ["Sessions list in the account page", "Customers may end other sessions"],
      diffs: [
        [
          "src:session/SessionController.java",
          `
@@ class SessionController {
     @GetMapping("/account/sessions")
     List<SessionView> list(Principal who) {
         return sessions.of(who.getName());
     }
+
+    @DeleteMapping("/account/sessions/{id}")
+    void end(Principal who, @PathVariable String id) {
+        sessions.end(who.getName(), id);
+    }
`,
        ],
      ],
    },
    {
      service: "gateway",
      type: "chore",
      titles: ["Count 401 answers by route", "401 ratio for each route"],
      diffs: [
        [
          "src:metrics/auth.go",
          `
 	unauthorized = promauto.NewCounterVec(prometheus.CounterOpts{
 		Name: "gateway_unauthorized_total",
-	}, nil)
+	}, []string{"route"})
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [info("customers", 5, "login ok customer=#id method=password again_within=60s")],
    curves: [step("customers", "logins:rate1m", 6, 31)],
  },
  guilty: {
    lines: [
      warn(
        "gateway",
        13,
        '401 route=/api/account reason="token has invalid audience" aud=shop-app kid=2026-04 client=#ip',
      ),
      warn("gateway", 5, '401 route=/api/cart reason="token used before issued" skew_ms=#n kid=2026-04'),
    ],
    curves: [
      step("gateway", 'http_responses:ratio1m{code="401",version="%new%"}', 0.01, 0.52, { life: "new" }),
      flat("gateway", 'http_responses:ratio1m{code="401",version="%old%"}', 0.01, 0.01, { life: "old" }),
      step("gateway", 'token_rejected:rate1m{reason="audience"}', 0, 17),
      flat("gateway", 'token_rejected:rate1m{reason="unknown_kid"}', 0, 0),
    ],
  },
  twin: {
    lines: [
      warn(
        "gateway",
        13,
        '401 route=/api/account reason="key not found" kid=2026-05 known=2026-04 client=#ip',
      ),
      warn("gateway", 5, "jwks refresh failed url=https://login.idp.example/keys status=403"),
    ],
    curves: [
      step("gateway", 'http_responses:ratio1m{code="401",version="%new%"}', 0.01, 0.35, { life: "new" }),
      step("gateway", 'http_responses:ratio1m{code="401",version="%old%"}', 0.01, 0.36, { life: "old" }),
      flat("gateway", 'token_rejected:rate1m{reason="audience"}', 0, 0),
      step("gateway", 'token_rejected:rate1m{reason="unknown_kid"}', 0, 17),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

const bigMessage: Story = {
  name: "gRPC messages are too large",
  canary: true,
  service: "cart",
  symptoms: [
    "[FIRING] CartErrorRatio: cart GetBasket errors 8% > 2%",
    "cart page fails for some customers with RESOURCE_EXHAUSTED",
  ],
  culprit: {
    service: "cart",
    type: "feat",
    titles: ["Show pictures in the basket", "Basket lines with images", "Ask catalog for full products"],
    diffs: [
      [
        "src:catalog/client.go",
        `
@@ func (c *Client) Products(ctx context.Context, skus []string) ([]*pb.Product, error) {
 	res, err := c.rpc.GetProducts(ctx, &pb.GetProductsRequest{
 		Skus: skus,
-		View: pb.View_BASIC,
+		View: pb.View_FULL,
 	})
 	if err != nil {
 		return nil, fmt.Errorf("products: %w", err)
 	}
`,
      ],
      [
        "src:basket/view.go",
        `
 type LineView struct {
 	SKU   string \`json:"sku"\`
 	Title string \`json:"title"\`
+	Image string \`json:"image,omitempty"\`
 }
@@ func view(p *pb.Product) LineView {
-	return LineView{SKU: p.Sku, Title: p.Title}
+	return LineView{SKU: p.Sku, Title: p.Title, Image: firstImage(p)}
 }
`,
      ],
    ],
  },
  mend: [["+		View: pb.View_FULL,", "+		View: pb.View_BASIC_WITH_THUMB,"]],
  decoys: [
    {
      service: "catalog",
      type: "feat",
      titles: ["Compress product pictures", "WebP for product pictures"],
      diffs: [
        [
          "src:media/ImageUrls.java",
          `
@@ class ImageUrls {
     String url(Image image, int width) {
-        return cdn + image.path() + "?w=" + width;
+        return cdn + image.path() + "?w=" + width + "&format=webp";
     }
`,
        ],
      ],
    },
    {
      service: "cart",
      type: "fix",
      titles: ["GetBasket answers NotFound for deleted baskets", "Deleted baskets are not errors"],
      diffs: [
        [
          "src:api/get.go",
          `
@@ func (s *Server) GetBasket(ctx context.Context, r *pb.GetBasketRequest) (*pb.Basket, error) {
 	b, err := s.store.Get(ctx, r.Id)
 	if errors.Is(err, store.ErrDeleted) {
-		return nil, status.Error(codes.Internal, "deleted")
+		return nil, status.Error(codes.NotFound, "deleted")
 	}
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      error(
        "cart",
        8,
        "products: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (#big00 vs. 4194304)",
      ),
    ],
    curves: [
      step("cart", 'grpc_client_handled:rate1m{method="GetProducts",code="ResourceExhausted"}', 0, 2.9),
    ],
  },
  guilty: {
    lines: [
      warn("cart", 6, "large answer method=GetProducts view=FULL skus=#n bytes=#big00 basket=#id"),
      info("catalog", 4, "GetProducts caller=cart view=FULL skus=#n took=1#nms"),
    ],
    curves: [
      step("cart", 'http_server_errors:ratio1m{version="%new%"}', 0.003, 0.17, { life: "new" }),
      flat("cart", 'http_server_errors:ratio1m{version="%old%"}', 0.003, 0.003, { life: "old" }),
      step("catalog", 'grpc_server_sent_bytes_avg{caller="cart"}', 9_000, 410_000),
      flat("catalog", 'grpc_server_sent_bytes_avg{caller="storefront"}', 11_000),
    ],
  },
  twin: {
    lines: [
      warn("cart", 6, "large answer method=GetProducts skus=#n bytes=#big00 largest=SKU-90117 variants=9412"),
      info(
        "catalog",
        4,
        "product saved sku=SKU-90117 variants=9412 by=merchant-portal merchant=M-55",
        "lead",
      ),
    ],
    curves: [
      step("cart", 'http_server_errors:ratio1m{version="%new%"}', 0.003, 0.08, { life: "new" }),
      step("cart", 'http_server_errors:ratio1m{version="%old%"}', 0.003, 0.08, { life: "old" }),
      step("catalog", 'grpc_server_sent_bytes_avg{caller="cart"}', 9_000, 160_000),
      step("catalog", 'grpc_server_sent_bytes_avg{caller="storefront"}', 11_000, 190_000),
    ],
  },
  spare: ["symptom", "deploys"],
};

const mesh: Story = {
  name: "calls inside the mesh are refused",
  service: "checkout",
  symptoms: [
    "[FIRING] CheckoutUpstreamErrors: checkout to cart 503 ratio above 10%",
    "checkout cannot read baskets, 503 from cart, cart itself looks healthy",
  ],
  culprit: {
    service: "cart",
    type: "chore",
    titles: [
      "Only storefront may change baskets",
      "Tighten who may call cart",
      "Authorization policy for cart",
    ],
    diffs: [
      [
        "helm:istio/authorization.yaml",
        `
 kind: AuthorizationPolicy
 spec:
   selector: { matchLabels: { app: cart } }
   action: ALLOW
   rules:
     - from:
         - source:
-            namespaces: ["shop"]
+            principals:
+              - cluster.local/ns/shop/sa/storefront
+              - cluster.local/ns/shop/sa/checkout-web
+              - cluster.local/ns/shop/sa/gateway
`,
      ],
    ],
  },
  mend: [
    [
      "+              - cluster.local/ns/shop/sa/checkout-web",
      "+              - cluster.local/ns/shop/sa/checkout",
    ],
  ],
  decoys: [
    {
      service: "checkout",
      type: "fix",
      titles: ["Show an empty basket page instead of 503", "Friendlier page when baskets cannot be read"],
      diffs: [
        [
          "src:basket/BasketPage.kt",
          `
@@ class BasketPage
     fun show(session: Session): Page = try {
         page(carts.get(session.basket))
-    } catch (e: StatusRuntimeException) {
-        throw ResponseStatusException(SERVICE_UNAVAILABLE)
+    } catch (e: StatusRuntimeException) {
+        page(EmptyBasket)
     }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      error("checkout", 9, "basket read failed session=#id upstream=cart cause=UNAVAILABLE"),
      info("cart", 4, "item added basket=#id sku=#sku caller=storefront"),
    ],
    curves: [
      step("checkout", 'upstream_errors:ratio1m{upstream="cart"}', 0.001, 0.37),
      flat("cart", 'grpc_server_seconds{quantile="0.99"}', 0.03),
    ],
  },
  guilty: {
    lines: [
      warn(
        "cart",
        10,
        "envoy rbac_access_denied_matched_policy[none] response_code=403 source_principal=cluster.local/ns/shop/sa/checkout path=/cart.v1.Cart/Get",
      ),
    ],
    curves: [
      step("cart", 'istio_requests:rate1m{source_app="checkout",response_flags="RBAC"}', 0, 21),
      flat("checkout", 'coredns_dns_responses:rate1m{rcode="SERVFAIL"}', 0.01, 0.01, { noise: 0.5 }),
    ],
  },
  twin: {
    lines: [
      warn(
        "checkout",
        10,
        "envoy cluster=outbound|8080||cart dns resolution failed: SERVFAIL from 10.96.0.10 response_flags=UH",
      ),
    ],
    curves: [
      flat("cart", 'istio_requests:rate1m{source_app="checkout",response_flags="RBAC"}', 0, 0),
      step("checkout", 'coredns_dns_responses:rate1m{rcode="SERVFAIL"}', 0.01, 44, { noise: 0.1 }),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

export const clientStories: readonly Story[] = [goroutines, jwks, bigMessage, mesh];
