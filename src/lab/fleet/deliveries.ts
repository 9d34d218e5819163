import type { Random } from './random.ts';
import { purposeRoles, purposeWeights } from './site.ts';
import { deliveryVendors, type Model, modelSlug, type Purpose, type Vendor } from './vendors.ts';

/** Servers that were bought together: same model, same purpose, same paperwork. */
export type Delivery = {
  /** Numbers of the servers, from 1. */
  servers: number[];
  manufacturer: string;
  deviceType: string;
  role: string;
  customFields: Record<string, string | null>;
};

const serversPerDelivery = 5;

/** Cuts so many servers into deliveries; `random` opens a stream by its label. */
export function planDeliveries(servers: number, random: (label: string) => Random): Delivery[] {
  const models = random('models');
  const papers = random('papers');
  const count = Math.ceil(servers / serversPerDelivery);
  return Array.from({ length: count }, (_, i) => {
    const vendor = deliveryVendors[i % deliveryVendors.length] as Vendor;
    const purpose = models.weighted(purposeWeights);
    const first = i * serversPerDelivery + 1;
    return {
      servers: range(first, Math.min(first + serversPerDelivery - 1, servers)),
      manufacturer: vendor.slug,
      deviceType: modelSlug(vendor.name, pickModel(vendor, purpose, models).model),
      role: purposeRoles[purpose].slug,
      customFields: planPapers(i, purpose, papers),
    };
  });
}

function pickModel(vendor: Vendor, purpose: Purpose, random: Random): Model {
  const [first, ...rest] = vendor.models.filter(model => model.purposes.includes(purpose));
  if (first === undefined) throw new Error(`vendors.ts: ${vendor.name} has no model for ${purpose}`);
  return random.pick([first, ...rest]);
}

/** As in real installations, not every field is filled in. */
function planPapers(delivery: number, purpose: Purpose, random: Random): Record<string, string | null> {
  const year = 2024 + random.below(3);
  const month = String(1 + random.below(12)).padStart(2, '0');
  return {
    purchase_order: random.below(10) < 8 ? `PO-${year}-${String(1200 + delivery * 3).padStart(5, '0')}` : null,
    warranty_end: random.below(10) < 6 ? `${year + 5}-${month}-28` : null,
    asset_owner:
      random.below(10) < 3 ? null : purpose === 'storage' ? 'storage' : random.pick(['platform', 'research']),
  };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
