import { expect, it } from 'vitest';
import { vendorMismatch } from '../../src/core/vendor.ts';

it.each([
  ['Hewlett Packard Enterprise', 'HPE'],
  ['Hewlett-Packard', 'HP'],
  ['Dell Inc.', 'Dell EMC'],
  ['Super Micro Computer, Inc.', 'Supermicro'],
  ['Lenovo', 'Lenovo'],
  ['GIGA-BYTE TECHNOLOGY CO.,LTD.', 'Gigabyte'],
  ['ASUSTek COMPUTER INC.', 'ASUS'],
  ['Mellanox Technologies, Inc.', 'NVIDIA'],
  ['Acme Networks GmbH', 'ACME'],
])('%s makes the boards of %s', (organisation, manufacturer) => {
  expect(vendorMismatch('9440C9', organisation, manufacturer)).toBeUndefined();
});

it('says who the block belongs to when it is somebody else', () => {
  expect(vendorMismatch('B4055D', 'COMPAL INFORMATION (KUNSHAN) CO., LTD.', 'Lenovo')).toBe(
    'OUI B4:05:5D belongs to COMPAL INFORMATION (KUNSHAN) CO., LTD., but the device is made by Lenovo',
  );
  expect(vendorMismatch('9440C9', 'Hewlett Packard Enterprise', 'Dell')).toContain('made by Dell');
});

it.each([
  ['an unregistered block', undefined, 'Dell'],
  ['a device whose maker NetBox does not know', 'Dell Inc.', ''],
])('says nothing about %s', (_, organisation, manufacturer) => {
  expect(vendorMismatch('9440C9', organisation, manufacturer)).toBeUndefined();
});
